"""``toolkit minutes``: new, fill, read, check, summary."""

from __future__ import annotations

from toolkit.cli.chinese import Group

command = Group(
    name="minutes",
    help="会议记录（也可以是检查表、报告）：出一份表，填写，读回，检查，写纪要。",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    lazy={
        "new": ("toolkit.cli.minutes_make:new", "出一份表：次数、议程、应到人员和没有办结的事项已经写好"),
        "fill": ("toolkit.cli.minutes_make:fill", "用数据填表；不给数据就在终端上逐项问"),
        "read": ("toolkit.cli.minutes_read:read", "读出填好的表，写成 YAML"),
        "check": ("toolkit.cli.minutes_read:check", "检查填好的表，一次列出全部问题"),
        "summary": ("toolkit.cli.minutes_read:summary", "由会议记录写纪要，只写议定事项"),
    },
)
