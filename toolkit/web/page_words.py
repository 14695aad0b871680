"""Hints of the program in the words of the page: what a command does there, a button or a tab does here."""

from __future__ import annotations

import re

#: Parts of hints that name a command or an option, and the same on the page. Others that name one are left out.
_HERE = {
    "再用 toolkit minutes check 看内容是否齐全": "再交一次",
    "填写项丢了的，用 toolkit minutes new 重新出表": "填写项丢了的，在“会议”页上重新下载空白的表来填",
    "填写 toolkit minutes new 出的表": "填写“会议”页上下载的表",
    "用 toolkit minutes new 或者 toolkit generate 生成的表填写": "用“会议”页上下载的表填写",
    "用 toolkit minutes new 重新出表": "在“会议”页上重新下载空白的表",
    "还不行，就用 toolkit minutes new 生成的表重新填写": "在“会议”页上重新下载空白的表，再填一次",
    "toolkit restore 文件夹 可以取回": "在“审阅”里可以取回",
    "用 toolkit merge 并入新版，手工修改都保留": "在“审阅”里换新版，手工修改都保留",
    "用 toolkit units merge 名单 文件夹 把新版并入各单位，手工修改都保留": "用“全部换新版”并入各单位，手工修改都保留",
    "改过的单位用 toolkit units merge 并入新版": "改过的单位用“全部换新版”",
    "，或者在 --base 的档案里写明": "",
    "请用 toolkit check 单独检查这个单位": "请在“填写”里单独看这个单位",
    "从备份恢复这个文件，或者换一个文件夹": "从备份恢复；没有备份的，把单位文件夹里的“文件”改个名字，例如“旧文件”，再存一次。"
    "改过的都在改了名的文件夹里",
    "（.docx 或者 YAML）": "（.docx）",
    "（或者 YAML）也": " 也",
}
_ORDER = re.compile("|".join(map(re.escape, sorted(_HERE, key=len, reverse=True))))
#: A reference as files of clauses write it; the editor of the page has no such marks.
_REFERENCE = re.compile(r"写成引用：\[\]\([^)]*\)(?:，别的文件写 \[\]\([^)]*\))?")
_NO_NUMBER = "不写条号，写那一条说的是什么事"
_COMMAND = re.compile(r"toolkit [a-z]|(?<![\w-])--[a-z]")


def on_page(text: str) -> str:
    """Return a hint without words of the command line."""
    said = _REFERENCE.sub(_NO_NUMBER, _ORDER.sub(lambda match: _HERE[match[0]], text))
    if not _COMMAND.search(said):
        return said
    parts = [part for part in re.split("(?<=[；。])", said) if not _COMMAND.search(part)]
    return "".join(parts).rstrip("；")
