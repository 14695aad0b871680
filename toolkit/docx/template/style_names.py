"""Names of styles, context keys and parts, and texts of findings on templates, shared by templates, writers and readers."""

from __future__ import annotations

#: Paragraph styles: id → Chinese name.
PARAGRAPH_STYLES = {
    "Title": "公文标题",
    "Note": "题注",
    "Subtitle": "副标题",
    "Addressee": "主送机关",
    "BodyText": "正文公文",
    "Part": "编",
    "Chapter": "章",
    "Section": "节",
    "Article": "条",
    "Paragraph": "款",
    "Item": "项",
    "Subitem": "目",
    "Heading1": "一级标题公文",
    "Heading2": "二级标题公文",
    "Heading3": "三级标题公文",
    "Heading4": "四级标题公文",
    "AttachmentNote": "附件说明",
    "Issuer": "署名",
    "DocDate": "成文日期",
    "IssuerMark": "发文机关标志",
    "DocNumber": "发文字号",
    "RedLine": "版头红线",
    "Imprint": "版记",
    "FormNote": "填写说明",
    "TableCaption": "表题",
    "TableHead": "表头",
    "TableCell": "表格文字",
    "TableCellCenter": "表格文字居中",
    "TableLabel": "表格标签",
}
#: Paragraph styles of a 目录, its title and its lines: id → name. A template without them has no 目录; ``toc 1`` is Word's own.
CONTENTS_STYLES = {"ContentsTitle": "目录标题", "TOC1": "toc 1"}
#: Character styles: id → Chinese name.
CHARACTER_STYLES = {"FieldPlaceholder": "填写提示", "RefText": "条文引用", "NameLabel": "名单标签"}
#: Table styles: id → Chinese name.
TABLE_STYLES = {"Grid": "公文表格"}
#: Every style id that writers name.
STYLE_IDS = frozenset((*PARAGRAPH_STYLES, *CHARACTER_STYLES, *TABLE_STYLES))

#: Variables that writers pass to a template.
CONTEXT_KEYS = frozenset(
    [
        "title",
        "issuer",
        "issuer_mark",
        "issuer_mark_line",
        "doc_number",
        "approver",
        "copy_to",
        "printing_office",
        "printing_date",
        "imprint_apart",
        "imprint_bare",
        "creator",
        "unit",
        "body",
    ]
)

CODES = {
    "template_not_docx": "不是可用的 DOCX 文件",
    "template_no_slot": "模板没有正文位置 {{p body }}",
    "template_syntax": "模板标签写错",
    "template_unknown_variable": "模板用了未知的变量",
    "template_missing_style": "模板缺少样式",
    "template_missing_list": "模板缺少编号列表，已自动补上",
    "template_value": "填入模板的内容不能用",
    "template_render": "模板填不出来",
    "template_text_lost": "和标签同一段、一行或者一格的内容会丢",
    "template_pair": "一对标签不在同样的位置",
    "template_raw_tag": "标签要的不是文字",
    "template_dialect": "别的模板语言的写法，不会被填",
    "template_no_tags": "模板里没有一个标签，填出来和原来一样",
    "template_revision": "修订时删除的文字里有标签",
    "template_too_large": "模板太大",
}
#: Hints that several findings have.
HINTS = {
    "not_docx": "用 Word 或 WPS 另存为 .docx 后再用",
    "unclosed": "每个 {{ 要有 }}，每个 {% 要有 %}，写在同一段里",
    "too_large": "一个模板填一个表：只留这个表的内容，别的放在另外的文件里",
    "no_tags": "要填的地方写作 {{ 变量 }}，变量用 toolkit minutes read 或者 toolkit presets 查",
}
_PART_LABELS = {"document": "正文", "core": "文件属性", "header": "页眉", "footer": "页脚", "endnotes": "尾注"}


def part_label(part: str) -> str:
    """Return the Chinese name of a part (``word/header1.xml``) in findings."""
    return next((label for name, label in _PART_LABELS.items() if name in part.rpartition("/")[2]), "脚注")
