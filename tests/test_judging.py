"""``toolkit check`` of what came back: a folder that was edited by hand, one DOCX of it, foreign texts, broken files."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pdfplumber
import pytest
from checking import article, check
from click.testing import CliRunner, Result

from toolkit import api, checks
from toolkit.checks import lines
from toolkit.cli.app import cli
from toolkit.core.findings import FileError, Finding, Severity, UsageError
from toolkit.versions import judging

PROFILE = Path(__file__).parent.parent / "examples" / "village.yaml"
REGULATION = "01-意识形态工作责任制实施办法.docx"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set") / "out"
    api.generate(PROFILE, folder)
    return folder


@pytest.fixture
def folder(generated: Path, tmp_path: Path) -> Path:
    """A copy of the generated set, to be edited."""
    return Path(shutil.copytree(generated, tmp_path / "out"))


def edit(file: Path, old: str, new: str) -> None:
    """Replace text of the one paragraph that has it; its runs become one."""
    document = docx.Document(str(file))
    (paragraph,) = (line for line in document.paragraphs if old in line.text)
    text = paragraph.text.replace(old, new)
    for run in paragraph.runs[1:]:
        run.text = ""
    paragraph.runs[0].text = text
    document.save(str(file))


def delete(file: Path, text: str) -> None:
    document = docx.Document(str(file))
    (paragraph,) = (line for line in document.paragraphs if text in line.text)
    paragraph._p.getparent().remove(paragraph._p)
    document.save(str(file))


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, list(map(str, words)))


def errors(found: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(f.code, f.subject) for f in found if f.severity is Severity.ERROR}


@pytest.mark.slow
def test_a_set_that_nobody_edited_has_no_finding(generated: Path) -> None:
    assert api.check(generated) == ()
    assert run("check", generated).output == "检查通过：没有发现问题。\n"


@pytest.mark.slow
def test_a_denied_appeal_is_found_with_file_and_article(folder: Path) -> None:
    edit(folder / REGULATION, "以书面形式向柳溪镇党委申诉。", "不得申诉。")
    found = [f for f in api.check(folder) if f.code == "clause_denied"]
    assert [(f.where.file, f.where.provision, f.where.key) for f in found] == [
        (REGULATION, "acct_appeal__1", "第四十七条第一款")
    ]
    (edited,) = (f for f in api.check(folder) if f.code == "edited_since")
    assert edited.severity is Severity.NOTICE and "第四十七条" in edited.message
    assert run("check", folder).exit_code == 1


@pytest.mark.slow
def test_findings_name_the_page_on_which_the_pdf_prints_the_provision(folder: Path, tmp_path: Path) -> None:
    edit(folder / REGULATION, "以书面形式向柳溪镇党委申诉。", "不得申诉。")
    (page,) = {f.where.page for f in api.check(folder) if f.code == "clause_denied"}
    api.generate(PROFILE, tmp_path / "pdf", only=["regulation"], formats=["pdf"])
    with pdfplumber.open(tmp_path / "pdf" / REGULATION.replace("docx", "pdf")) as pdf:
        assert "第四十七条" in pdf.pages[page - 1].extract_text()
    assert f"第四十七条第一款 第{page}页 要改 clause_denied" in run("check", folder).output
    (edited,) = (f for f in api.check(folder) if f.code == "edited_since")
    assert "page" not in edited.as_dict()["where"]


def test_a_foreign_text_has_no_pages(tmp_path: Path) -> None:
    """Its pages are made by another template: where they end is not known."""
    assert {f.where.page for f in api.check(foreign(tmp_path / "a.docx"), kind="村")} == {0}


@pytest.mark.slow
def test_what_stands_as_generated_is_not_judged_again_with_the_same_result(folder: Path, monkeypatch) -> None:
    """Blocks that are as they are generated hold no finding of their own: with all of them read anew nothing else is found."""
    edit(folder / REGULATION, "以书面形式向柳溪镇党委申诉。", "不得申诉。")
    edit(
        folder / "02-阵地管理制度.docx",
        "负责登记、报送备案",
        "负责登记、报送备案。支部党员大会有三分之一的党员到会即可召开",
    )
    edit(folder / "10-责任追究机制.docx", "同样情形同样处理。", "同样情形同样处理。可以不听取当事人陈述和申辩。")
    found = judging.judge(folder)
    seen: list[int] = []

    def all_read(*given: Any) -> checks.Context:
        context = in_part(*given)
        assert context.generated is not None
        anew = replace(context, generated=replace(context.generated, documents=()))
        seen.extend(len(lines.written_lines(one).lines) for one in (context, anew))
        return anew

    in_part = judging._context
    monkeypatch.setattr(judging, "_context", all_read)
    assert judging.judge(folder) == found
    assert {"clause_denied", "fact_conflict"} <= {finding.code for finding in found}
    assert 0 < seen[0] < seen[1] / 50, "an article is read, not its document"


@pytest.mark.slow
def test_a_harmless_edit_still_passes(folder: Path) -> None:
    edit(folder / REGULATION, "谈话记录限定范围保管。", "谈话记录由村党支部书记限定范围保管。")
    assert errors(api.check(folder)) == set()
    shown = run("status", folder).output
    assert "改过的这一套仍然通过检查\n" in shown


@pytest.mark.slow
def test_a_deleted_clause_is_missing(folder: Path) -> None:
    delete(folder / REGULATION, "对错误决定明确表示反对意见并有记录可查的成员")
    assert ("missing_clause", "acct_dissent") in errors(api.check(folder))
    assert "改过的这一套没有通过检查：要改" in run("status", folder).output


def test_a_clause_that_says_nothing_is_hollow(folder: Path) -> None:
    document = docx.Document(str(folder / REGULATION))
    (paragraph,) = (line for line in document.paragraphs if "对错误决定明确表示反对意见" in line.text)
    for line in paragraph.runs[1:]:
        line.text = ""
    paragraph.runs[0].text = "另行规定。"
    document.save(str(folder / REGULATION))
    assert ("hollow_clause", "acct_dissent") in errors(api.check(folder))


def test_a_number_that_no_longer_matches_names_the_duty(folder: Path) -> None:
    edit(folder / REGULATION, "逐项自查，频次为每季度一次", "逐项自查，频次为每年一次")
    found = errors(api.check(folder))
    assert {("number_differs", "self_check:频次"), ("clause_lacks", "self_check")} <= found


def test_the_same_time_in_other_words_matches(folder: Path) -> None:
    edit(folder / REGULATION, "逐项自查，频次为每季度一次", "逐项自查，频次为一个季度一次")
    assert errors(api.check(folder)) == set()


def test_a_typed_number_that_leads_nowhere_is_found(folder: Path) -> None:
    edit(folder / REGULATION, "谈话记录限定范围保管。", "谈话记录依照本办法第九十条保管。")
    assert ("reference_nowhere", "本办法第九十条") in errors(api.check(folder))


@pytest.mark.slow
def test_one_file_of_a_set_is_judged_with_the_set(folder: Path) -> None:
    edit(folder / REGULATION, "以书面形式向柳溪镇党委申诉。", "不得申诉。")
    found = api.check(folder / REGULATION)
    assert found and {f.where.file for f in found} == {REGULATION}
    assert api.check(next(folder.glob("08-*.docx"))) == ()


def test_a_broken_file_is_a_finding_beside_the_others(folder: Path) -> None:
    file = next(folder.glob("08-*.docx"))
    file.write_bytes(file.read_bytes()[:900])
    edit(folder / REGULATION, "以书面形式向柳溪镇党委申诉。", "不得申诉。")
    codes = {f.code for f in api.check(folder)}
    assert {"broken_file", "clause_denied"} <= codes and "missing_document" not in codes


def test_a_file_that_is_gone_is_a_missing_document(folder: Path) -> None:
    (folder / REGULATION).unlink()
    assert ("missing_document", "regulation") in errors(api.check(folder))


@pytest.mark.slow
def test_json_has_the_findings(folder: Path) -> None:
    edit(folder / REGULATION, "以书面形式向柳溪镇党委申诉。", "不得申诉。")
    data = json.loads(run("check", folder, "--json").output)
    assert data["errors"] >= 1 and data["notices"] == 1
    states = json.loads(run("status", folder, "--json").output)
    assert {f["code"] for f in states["findings"]} >= {"clause_denied", "edited_since"}


@pytest.mark.slow
def test_a_merge_checks_what_it_made(folder: Path) -> None:
    edit(folder / REGULATION, "以书面形式向柳溪镇党委申诉。", "不得申诉。")
    done = run("merge", PROFILE, folder, "--check")
    assert "改过的这一套没有通过检查" in done.output and "clause_denied" in done.output
    assert any(f.code == "clause_denied" for f in api.merge(PROFILE, folder).checked)


def test_a_merge_of_an_untouched_set_passes(folder: Path) -> None:
    done = run("merge", PROFILE, folder, "--check")
    assert done.exit_code == 0 and "改过的这一套仍然通过检查" in done.output


# --- foreign texts -----------------------------------------------------------------------------------------------------------


FOREIGN = (
    "第一章 总则",
    "第一条 为了做好工作，根据上级规定，制定本办法。",
    "第二条 本办法适用于全体党员。",
    "第三条 村民代表应当注意村民在微信群里的言论，及时汇总上报。",
    "第四条 责任追究由书记一人决定，是最终决定，不得申诉。",
    "第五条 处置依照第九十条办理。",
    "第六条 本办法自印发之日起施行，由村党支部负责解释。",
)


def foreign(path: Path, lines: tuple[str, ...] = FOREIGN, title: str = "某村意识形态工作责任制办法") -> Path:
    document = docx.Document()
    document.add_heading(title, 0)
    for line in lines:
        document.add_paragraph(line)
    document.save(str(path))
    return path


def test_a_foreign_text_is_judged_by_its_kind(tmp_path: Path) -> None:
    found = api.check(foreign(tmp_path / "a.docx"), kind="村")
    codes = {(f.code, f.where.key) for f in found}
    assert {("clause_denied", "第四条"), ("boundary", "第三条"), ("reference_nowhere", "第五条")} <= codes
    missing = {f.subject for f in found if f.code == "missing_clause"}
    assert {"acct_verify", "acct_hearing", "acct_appeal"} <= missing and not {
        "purpose",
        "effective",
        "interpret",
    } & missing
    assert any(f.code == "clauses_not_judged" for f in found)


@pytest.mark.slow
def test_a_foreign_text_with_other_heads_and_tables_is_no_traceback(tmp_path: Path) -> None:
    path = foreign(
        tmp_path / "a.docx", ("一、总体要求", "（一）认真落实责任制。", "1.加强学习。", ""), "关于做好工作的通知"
    )
    document = docx.Document(str(path))
    document.add_table(2, 2).cell(0, 0).text = "责任人"
    document.save(str(path))
    assert {f.code for f in api.check(path, kind="school")} >= {"missing_clause"}
    assert api.check(foreign(tmp_path / "b.docx", (), ""), kind="railway_depot")


def test_without_a_kind_the_way_out_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        api.check(foreign(tmp_path / "a.docx"))
    assert "--kind" in raised.value.hint
    with pytest.raises(UsageError):
        api.check(foreign(tmp_path / "a.docx"), kind="城市")
    with pytest.raises(FileError):
        api.check(tmp_path / "none.docx", kind="村")
    with pytest.raises(UsageError):
        api.check(PROFILE, kind="村")


def test_a_folder_without_values_says_what_is_missing(folder: Path) -> None:
    (folder / "resolved.yaml").unlink()
    with pytest.raises(FileError) as raised:
        api.check(folder)
    assert raised.value.code == "no_resolved"


# --- bad input --------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_thousand_provisions_and_cyclic_references(tmp_path: Path) -> None:
    """Every provision cites the next, the last the first: findings of what is wrong in them, no traceback."""
    texts = "\n\n".join(
        f"事项{n}依照[](#p{(n + 1) % 1000})办理，不得拖延。 {{#p{n}}}"
        if n % 100
        else f"事项{n}不再归档文件。 {{#p{n}}}"
        for n in range(1000)
    )
    found = check(article(texts)).findings
    assert len([f for f in found if f.code == "clause_denied"]) == 10
    lines = tuple(f"第{n}条 事项{n}依照本办法第{n % 300 + 1}条办理。" for n in range(1, 301))
    assert api.check(foreign(tmp_path / "a.docx", lines), kind="村")


def test_the_codes_of_the_module_are_documented() -> None:
    page = (Path(__file__).parent.parent / "docs" / "checks.md").read_text(encoding="utf-8")
    for code, text in judging.CODES.items():
        severity, meaning = text.split(": ", 1)
        assert f"| `{code}` | {severity} | {meaning} |" in page
