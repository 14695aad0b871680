"""Templates as people make them in Word, WPS and LibreOffice, as code that makes the files: what each must give.

``SHAPES``: name → (XML of the body's content, code of the finding or empty, text that the filled file must hold). They are
templates for :data:`FORM`.
"""

from __future__ import annotations

import io
import re
import zipfile

from docx import Document

FORM = "minutes_topical_study"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def run(text: str, look: str = "") -> str:
    return f'<w:r>{look}<w:t xml:space="preserve">{escaped(text)}</w:t></w:r>'


def p(*texts: str) -> str:
    return f"<w:p>{''.join(map(run, texts))}</w:p>"


def raw_p(inside: str) -> str:
    return f"<w:p>{inside}</w:p>"


def cell(*paragraphs: str) -> str:
    return f"<w:tc><w:tcPr/>{''.join(paragraphs)}</w:tc>"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(one if one.startswith('<w:tc>') else cell(p(one)) for one in cells)}</w:tr>"


def deleted_row(*cells: str) -> str:
    return row(*cells).replace("<w:tr>", '<w:tr><w:trPr><w:del w:id="9" w:author="a"/></w:trPr>', 1)


def table(*rows: str, columns: int = 2) -> str:
    grid = '<w:gridCol w:w="4000"/>' * columns
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def box(*paragraphs: str) -> str:
    inside = f"<v:textbox><w:txbxContent>{''.join(paragraphs)}</w:txbxContent></v:textbox>"
    shape = f'<v:shape xmlns:v="urn:schemas-microsoft-com:vml">{inside}</v:shape>'
    return f"<w:p><w:r><w:pict>{shape}</w:pict></w:r></w:p>"


LOOP = ("{%tr for one in resolutions %}", "{%tr endfor %}")
HEAD = row("事项", "责任人")
LINE = row("{{ one.decided }}", "{{ one.duty_post }}")

SHAPES: dict[str, tuple[str, str, str]] = {
    # used
    "plain": (p("会议日期：{{ held_on }}，地点：{{ place }}。"), "", "会议日期：2026年3月5日，地点："),
    "split_in_runs": (p("地点：{", "{ pl", "ace }", "}。"), "", "地点：村党群服务中心"),
    "quotes_of_word": (p("{% if place == “村委会” %}在村{% else %}不在村{% endif %}"), "", "在村"),
    "entity_quotes": (
        raw_p("<w:r><w:t>{% if place == &quot;甲&quot; %}甲{% else %}乙{% endif %}</w:t></w:r>"),
        "",
        "乙",
    ),
    "comparison": (p("{% if resolutions|length > 0 %}有决议{% endif %}结束"), "", "结束"),
    "paragraph_pair": (p("{%p if place %}") + p("有地点") + p("{%p endif %}") + p("结束"), "", "有地点"),
    "row_loop": (table(HEAD, row(cell(p(LOOP[0])), ""), LINE, row(cell(p(LOOP[1])), "")), "", "事项"),
    "loop_rows_only": (table(row(cell(p(LOOP[0])), ""), LINE, row(cell(p(LOOP[1])), "")) + p("结束"), "", "结束"),
    "cell_with_a_condition": (
        table(row(cell(p("{%p if previous %}"), p("上次"), p("{%p endif %}")), "右")) + p("结束"),
        "",
        "右",
    ),
    "cell_with_an_empty_loop": (
        table(row(cell(p("{%p for one in previous %}"), p("{{ one.past }}"), p("{%p endfor %}")), "右")) + p("结束"),
        "",
        "右",
    ),
    "inline_loop": (p("{% for one in attendance %}{{ one.name }}、{% endfor %}"), "", "甲某、"),
    "comment": (p("{# 给办公室的话 #}地点：{{ place }}"), "", "地点："),
    "comment_paragraph": (p("{#p 给办公室的话 #}") + p("{{ place }}"), "", "村党群服务中心"),
    "macro": (p("{% macro 粗(x) %}【{{ x }}】{% endmacro %}{{ 粗(place) }}"), "", "【村党群服务中心"),
    "set_and_filter": (p("{% set n = attendance|length %}共{{ n }}人，{{ place|default('无') }}"), "", "共"),
    "number": (p("{{ (year|int) + 1 }}年"), "", "年"),
    "escaped_braces": (p("{_{ 原样 }_}{{ place }}"), "", "{{ 原样 }}"),
    "box": (box(p("地点：{{ place }}")) + p("结束"), "", "地点："),
    "pair_over_paragraphs": (p("{% if place %}甲") + p("乙{% endif %}"), "", "甲"),
    "dash_in_a_row": (p("前") + p("{%- if place %}有{% endif %}"), "", "前有"),
    "raw": (p("{% raw %}{{ 原样 }}{% endraw %}{{ place }}"), "", "{{ 原样 }}"),
    "nested_pairs": (
        p("{%p for one in attendance %}")
        + p("{%p if one.name %}")
        + p("{{ one.name }}")
        + p("{%p endif %}")
        + p("{%p endfor %}"),
        "",
        "甲某",
    ),
    "ampersand": (p("{{ 'R&D' }}室"), "", "R&D室"),
    "with": (p("{% with a = place %}{{ a }}{% endwith %}"), "", "村党群服务中心"),
    "list_of_names": (p("{{ attendance|map(attribute='name')|join('、') }}"), "", "甲某、"),
    "hard_blank_in_a_tag": (p("地点：{{\u00a0place\u3000}}"), "", "地点：村党群服务中心"),
    "control_around_a_row": (
        table(HEAD, f"<w:sdt><w:sdtPr/><w:sdtContent>{row('{{ place }}', '甲')}</w:sdtContent></w:sdt>"),
        "",
        "村党群服务中心",
    ),
    "mark_of_word_beside_a_tag": (p("地点：［地点］【第三页】{{ place }}"), "", "【第三页】村党群服务中心"),
    "many_formatted_runs": (
        "".join(raw_p(run("甲", "<w:rPr><w:b/><w:sz w:val='32'/></w:rPr>") * 5) for _ in range(2_000))
        + p("{{ place }}"),
        "",
        "村党群服务中心",
    ),
    "tag_in_a_formula": (
        raw_p(
            '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">'
            "<m:r><m:t>{{ year }}</m:t></m:r></m:oMath>" + run("{{ place }}")
        ),
        "",
        "村党群服务中心",
    ),
    "values_of_python": (p("{{ none }}{{ place == '甲' }}{{ 1 / 4 }}{{ place }}"), "", "否0.25村党群服务中心"),
    "loop_in_a_control": (
        "<w:sdt><w:sdtPr/><w:sdtContent>"
        + p("{%p for one in attendance %}")
        + p("{{ one.name }}")
        + p("{%p endfor %}")
        + "</w:sdtContent></w:sdt>",
        "",
        "甲某",
    ),
    "tag_cut_by_spelling_and_bookmark": (
        raw_p(
            '<w:r><w:t>{{ pl</w:t></w:r><w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="1" w:name="x"/>'
            '<w:bookmarkEnd w:id="1"/><w:r><w:t>ace }}</w:t></w:r>'
        ),
        "",
        "村党群服务中心",
    ),
    "rows_in_a_table_of_a_cell": (
        table(row(cell(table(row(LOOP[0], ""), LINE, row(LOOP[1], "")), p("")), "乙")),
        "",
        "乙",
    ),
    "either_row": (
        table(
            row("{%tr if not place %}", ""),
            row("甲", "a"),
            row("{%tr else %}", ""),
            row("乙", "b"),
            row("{%tr endif %}", ""),
        ),
        "",
        "乙b",
    ),
    # refused, because text would be lost or the file broken
    "row_closed_by_paragraph": (
        table(HEAD, row(cell(p("{%tr for one in resolutions %}")), ""), LINE) + p("{%p endfor %}"),
        "template_pair",
        "",
    ),
    "text_beside_paragraph_tag": (p("说明：{%p if place %}") + p("甲") + p("{%p endif %}"), "template_text_lost", ""),
    "text_in_the_row_of_a_tag": (table(row(LOOP[0], "不能丢"), LINE, row(LOOP[1], "")), "template_text_lost", ""),
    "picture_beside_a_tag": (
        raw_p("<w:r><w:drawing/></w:r>" + run("{%p if place %}")) + p("甲") + p("{%p endif %}"),
        "template_text_lost",
        "",
    ),
    "page_break_beside_a_tag": (
        raw_p('<w:r><w:br w:type="page"/></w:r>' + run("{%p if place %}")) + p("甲") + p("{%p endif %}"),
        "template_text_lost",
        "",
    ),
    "rich_text": (p("{{r place }}"), "template_raw_tag", ""),
    "paragraph_value": (p("{{p discussion }}"), "template_raw_tag", ""),
    "loop_over_cells": (table(row("{% for one in attendance %}", "{{ one.name }}{% endfor %}")), "template_pair", ""),
    "pair_out_of_a_table": (
        p("{%p if place %}") + table(row(cell(p("{%p endif %}"), p("甲")), "")),
        "template_pair",
        "",
    ),
    "both_in_one_paragraph": (p("{%p if place %}有{%p endif %}"), "template_pair", ""),
    "row_tag_outside_a_table": (p("{%tr if place %}") + p("甲") + p("{%tr endif %}"), "template_pair", ""),
    "dash_around_a_table": (p("前") + table(HEAD) + p("{%- if place %}有{% endif %}"), "template_pair", ""),
    "dash_with_text_before": (p("前") + p("不能丢{%- if place %}有{% endif %}"), "template_pair", ""),
    "deleted": (
        raw_p(
            f'<w:del w:id="1" w:author="a"><w:r><w:delText>{{{{ place }}}}</w:delText></w:r></w:del>{run("{{ place }}")}'
        ),
        "template_revision",
        "",
    ),
    "deleted_row": (table(HEAD, deleted_row("{{ place }}", "甲")) + p("{{ held_on }}"), "template_revision", ""),
    "deleted_row_unknown": (
        table(HEAD, deleted_row("{{ nowhere }}", "甲")) + p("{{ held_on }}"),
        "template_revision",
        "",
    ),
    "deleted_row_ends_a_loop": (
        table(HEAD, row(cell(p(LOOP[0])), ""), LINE, deleted_row(LOOP[1], "")),
        "template_revision",
        "",
    ),
    "deleted_rows_of_a_loop": (
        table(HEAD, deleted_row(LOOP[0], ""), LINE, deleted_row(LOOP[1], "")),
        "template_revision",
        "",
    ),
    "deleted_cell": (
        table(row("甲", "<w:tc><w:tcPr><w:cellDel w:id='1' w:author='a'/></w:tcPr>" + p("{{ place }}") + "</w:tc>")),
        "template_revision",
        "",
    ),
    "moved_away": (
        f'<w:moveFrom w:id="1" w:author="a">{p("{{ place }}")}</w:moveFrom>' + p("{{ held_on }}"),
        "template_revision",
        "",
    ),
    # refused, because it is no tag
    "no_tags": (p("地点：　　　　"), "template_no_tags", ""),
    "single_braces": (p("{地点}，{{ place }}"), "template_dialect", ""),
    "full_width": (p("｛｛ place ｝｝"), "template_syntax", ""),
    "full_width_percent": (p("{％ if place ％}甲{％ endif ％}"), "template_syntax", ""),
    "spaced_braces": (p("{ { place } }"), "template_syntax", ""),
    "loop_of_another_language": (p("{#attendance}{name}{/attendance}"), "template_syntax", ""),
    "one_brace_too_few": (p("{{ place }，{{ held_on }}"), "template_syntax", ""),
    "over_two_paragraphs": (p("{{ pla") + p("ce }}"), "template_syntax", ""),
    "lonely_end": (p("{% endif %}{{ place }}"), "template_syntax", ""),
    "crossed": (p("{% if place %}{% for x in attendance %}{% endif %}{% endfor %}"), "template_syntax", ""),
    "percent_in_a_reaching_tag": (p("{%p if 4 % 2 %}") + p("甲") + p("{%p endif %}"), "template_syntax", ""),
    "merge_field": (p("«place»{{ held_on }}"), "template_dialect", ""),
    "dollar_field": (p("${ place }{{ held_on }}"), "template_dialect", ""),
    "wide_comma": (p("{{ place，held_on }}"), "template_syntax", ""),
    "wide_brackets": (p("{{ place|default（‘无’） }}"), "template_syntax", ""),
    "wide_point": (p("{{ attendance[0]。name }}"), "template_syntax", ""),
    "pair_out_of_a_control": (
        p("{%p for a in attendance %}")
        + f"<w:sdt><w:sdtPr/><w:sdtContent>{p('{{ a.name }}')}{p('{%p endfor %}')}</w:sdtContent></w:sdt>",
        "template_pair",
        "",
    ),
    "include": (p("{% include 'x.docx' %}"), "template_syntax", ""),
    "unknown_filter": (p("{{ place|nosuch }}{{ place|other }}"), "template_syntax", ""),
    "huge_number": (p("{{ " + "9" * 5000 + " }}"), "template_syntax", ""),
    "no_width_in_a_tag": (p("{{ pla\u200bce }}"), "template_syntax", ""),
    "loop_that_calls_itself": (
        p("{% for a in attendance recursive %}{{ loop(attendance) }}{% endfor %}"),
        "template_syntax",
        "",
    ),
    "nested_without_end": (p("{% if place %}" * 300 + "{{ place }}" + "{% endif %}" * 300), "template_syntax", ""),
    "half_in_a_revision": (
        raw_p(f'{run("{{ pl")}<w:ins w:id="1" w:author="a">{run("ace }}")}</w:ins>'),
        "template_syntax",
        "",
    ),
    "half_in_a_link": (
        raw_p(f'{run("{{ pl")}<w:hyperlink w:anchor="x">{run("ace }}")}</w:hyperlink>'),
        "template_syntax",
        "",
    ),
    "half_in_a_control": (
        raw_p(f"{run('{{ pl')}<w:sdt><w:sdtPr/><w:sdtContent>{run('ace }}')}</w:sdtContent></w:sdt>"),
        "template_syntax",
        "",
    ),
    "footnote_in_a_tag": (
        raw_p(f'{run("{{ pl")}<w:r><w:footnoteReference w:id="2"/></w:r>{run("ace }}")}'),
        "template_text_lost",
        "",
    ),
    "picture_in_a_tag": (raw_p(f"{run('{{ pl')}<w:r><w:drawing/></w:r>{run('ace }}')}"), "template_text_lost", ""),
    "footnote_beside_a_tag": (
        raw_p('<w:r><w:footnoteReference w:id="2"/></w:r>' + run("{%p if place %}")) + p("甲") + p("{%p endif %}"),
        "template_text_lost",
        "",
    ),
    "markup_let_through": (p("{{ place|safe }}"), "template_syntax", ""),
    "links_of_a_web_page": (p("{{ 'http://a.b'|urlize }}{{ place }}"), "template_syntax", ""),
    "no_escaping": (p("{% autoescape false %}{{ place }}{% endautoescape %}"), "template_syntax", ""),
    "number_without_end": (p("{{ 1e400 }}{{ place }}"), "template_syntax", ""),
    "wide_digit": (p("{{ attendance[０].name }}"), "template_syntax", ""),
    "ampersand_of_another_language": (p("{{& place }}"), "template_syntax", ""),
    "chinese_word_of_a_tag": (p("{% 如果 place %}甲{% 结束 %}"), "template_syntax", ""),
    "loops_too_deep_for_python": (
        p("{% for a in attendance %}" * 25 + "甲" + "{% endfor %}" * 25),
        "template_syntax",
        "",
    ),
    "items_too_deep": (p("{{ place" + "[0]" * 300 + " }}"), "template_syntax", ""),
    # refused, because it cannot be filled
    "a_list": (p("{{ attendance }}"), "template_render", ""),
    "a_line_of_a_list": (p("{% for one in attendance %}{{ one }}{% endfor %}"), "template_render", ""),
    "a_method": (p("{{ place.upper }}"), "template_unknown_variable", ""),
    "written_by_python": (p("{{ attendance|pprint }}{{ attendance|tojson }}"), "template_syntax", ""),
    "cycler": (p("{{ cycler('a') }}{{ place }}"), "template_render", ""),
    "unknown_variable": (p("{{ plaace }}"), "template_unknown_variable", ""),
    "another_forms_field": (p("{{ assessors }}"), "template_unknown_variable", ""),
    "subtraction_of_texts": (p("{{ place - held_on }}"), "template_render", ""),
    "beyond_the_end": (p("{{ attendance[99].name }}"), "template_render", ""),
    "private": (p("{{ place.__class__ }}"), "template_unknown_variable", ""),
    # refused, because it runs away
    "tags_without_number": (p("{{ place }}" * 20_000), "template_too_large", ""),
    "paragraphs_without_number": (p("{{ place }}") * 3_000, "template_too_large", ""),
    "text_without_end": (p("甲" * 250_000 + "{{ place }}"), "template_too_large", ""),
    "xml_without_end": (p(*["甲"] * 80_000) + p("{{ place }}"), "template_too_large", ""),
    "openings_without_number": (p("{{ place }}" + "{{ a" * 20_000), "template_syntax", ""),
    "blocks_without_number": (p("{%" * 50_000 + "{{ place }}"), "template_syntax", ""),
    "long_tag": (p("{{ place" + "~place" * 3_000 + " }}"), "template_syntax", ""),
    "huge_text": (p("{{ 'x' * 10000000000 }}"), "template_render", ""),
    "huge_centre": (p("{{ place.center(999999999) }}"), "template_render", ""),
    "huge_format": (p("{{ '%1000000000d' % 1 }}"), "template_render", ""),
    "huge_filter": (p("{{ place|center(999999999) }}"), "template_render", ""),
    "nested_ranges": (
        p("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}"),
        "template_render",
        "",
    ),
    "cut_to_less_than_nothing": (p("{{ place|truncate(-5) }}"), "template_render", ""),
    "huge_power": (p("{{ 9 ** 99999999 }}"), "template_render", ""),
    "doubling": (
        p("{% set n = namespace(x='甲') %}{% for a in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}"),
        "template_render",
        "",
    ),
    "macro_without_end": (p("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}"), "template_render", ""),
}


def made(body: str, parts: dict[str, bytes] | None = None) -> bytes:
    """Return a DOCX with this content, as Word packs it."""
    stream = io.BytesIO()
    document = Document()
    document.add_paragraph("PLACE")
    document.save(stream)
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                data = re.sub(rb"<w:p>(?:(?!</w:p>).)*PLACE.*?</w:p>", lambda _: body.encode(), data, flags=re.DOTALL)
            new.writestr(name, (parts or {}).get(name, data))
    return out.getvalue()
