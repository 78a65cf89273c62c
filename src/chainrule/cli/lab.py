"""`chainrule lab`: a page on which one sees a derivative and a gradient move."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec

import click

from chainrule.cli.arguments import LANGUAGE
from chainrule.cli.failures import Failure, Mistyped

WORDS = {
    "en": {
        "open": "The lab is at {url}\nThe address holds a secret: who has it may use the lab. Ctrl-C ends it.",
        "remote": "warning: other computers on this network can reach the lab, and what they send is not encrypted.",
    },
    "zh": {
        "open": "实验室地址：{url}\n地址中含有密钥，持有者即可使用。按 Ctrl-C 结束。",
        "remote": "警告：本网络中的其他计算机可以访问实验室，传输内容未加密。",
    },
}


@click.command("lab", short_help="A page on which derivatives and gradients move.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; by default one that is free.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--host", default="127.0.0.1", help="The address to listen on; anything but this computer is refused.")
@click.option("--allow-remote", is_flag=True, help="Let --host open the lab to other computers, unencrypted.")
@click.option("--lang", type=LANGUAGE, default="en", help="The language in which the page opens.")
def command(port: int, no_browser: bool, host: str, allow_remote: bool, lang: str) -> None:
    """Open the lab in the browser: a local page for people who learn or teach.

    Type a formula and drag the point along it: the tangent turns, the derivative is traced, values flow forward
    through the computation graph and gradients flow back, and the derivation follows in numbers. Nothing leaves this
    computer, and no network is needed. Needs the extra: pip install "chainrule[lab]".

    \b
    chainrule lab
    chainrule lab --lang zh --port 8000
    chainrule lab --host 0.0.0.0 --allow-remote
    """
    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise Failure(f'the lab needs {" and ".join(missing)}. Write: pip install "chainrule[lab]"')
    from chainrule.lab.server import Address, is_loopback, listening, serve  # late: `chainrule --help` needs no server

    if not is_loopback(host):
        if not allow_remote:
            raise Mistyped(
                f"--host {host} would open the lab to other computers. Add --allow-remote if you want that, in a "
                "network that you trust."
            )
        click.echo(WORDS[lang]["remote"], err=True)
    try:
        on = listening(host, port)
    except OSError as problem:
        raise Failure(f"cannot listen on {host}, port {port}: {problem.strerror or problem}") from problem
    with on:
        address = Address(host, on.getsockname()[1], remote=not is_loopback(host))
        click.echo(WORDS[lang]["open"].format(url=address.url))
        if not no_browser:
            click.launch(address.url)
        with suppress(KeyboardInterrupt):  # uvicorn has ended in good order, and passes the signal on
            serve(on, address, lang)
