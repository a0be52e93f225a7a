"""The `citewell` command: reads arguments, calls Chatbot, prints. `python -m ui` is the same."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence

from index.errors import CitewellError, SettingsError
from ui.options import DONE, INTERRUPTED, USER_ERROR, open_chatbot, say, source_options

_EPILOG = """\
examples:
  citewell ask "How many countries are in the coalition?"
  citewell ask "Who proposed it?" --articles my-clippings --json
  citewell ui --articles my-clippings
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The arguments; None for those of the process.

    Returns:
        The exit code: 0 done, 1 a user's error, 2 wrong usage, 130 interrupted.
    """
    try:
        args = build_parser().parse_args(argv)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that lacks a character shows its number
        code: int = args.run(args)
        sys.stdout.flush()
    except CitewellError as error:
        say(str(error))
        return USER_ERROR
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left: nothing to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    return code


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    from ui import ask_command, eval_command, index_command, models_command  # noqa: PLC0415 - Ctrl-C may hit them

    parser = argparse.ArgumentParser(
        prog="citewell",
        description="Answers questions from a folder of articles, and cites the sentence behind every statement.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    sources = source_options()

    ask = commands.add_parser("ask", parents=[sources], help="answer a question, or a file of questions")
    ask_command.add_ask_arguments(ask)
    ask.set_defaults(run=lambda args: ask_command.run_ask(args, open_chatbot(args)))

    chat = commands.add_parser("chat", parents=[sources], help="ask and follow up, in the terminal")
    chat.set_defaults(run=lambda args: ask_command.run_chat(args, open_chatbot(args)))

    search = commands.add_parser("search", parents=[sources], help="find sentences; needs no language model")
    ask_command.add_search_arguments(search)
    search.set_defaults(run=lambda args: ask_command.run_search(args, open_chatbot(args)))

    page = commands.add_parser("ui", parents=[sources], help="open the chat page")
    add_page_arguments(page)
    page.set_defaults(run=run_page)

    index_command.add_arguments(commands)
    models_command.add_arguments(commands)

    evaluation = commands.add_parser("eval", parents=[sources], help="measure answers against a question set")
    eval_command.add_arguments(evaluation)
    evaluation.set_defaults(run=lambda args: eval_command.run(args, lambda folder: open_chatbot(args, folder)))
    return parser


def add_page_arguments(parser: argparse.ArgumentParser) -> None:
    """What `citewell ui` takes beside the options every command has."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=7860, help="port to listen on (default: 7860)")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="ask visitors for a name and a password")
    parser.add_argument("--mcp", action="store_true", help="let other assistants ask, by the Model Context Protocol")


def run_page(args: argparse.Namespace) -> int:
    """Serve the chat page until Ctrl-C."""
    auth = None
    if args.auth is not None:
        user, colon, password = args.auth.partition(":")
        if not (user and colon and password):
            raise SettingsError("--auth wants USER:PASSWORD")
        auth = (user, password)
    from ui.serve import check_mcp, check_port, launch  # noqa: PLC0415

    if args.mcp:
        check_mcp()
    check_port(args.host, args.port)  # before the models are loaded: a port in use is told at once
    bot = open_chatbot(args)
    bot.search("ready", k=1, articles=args.only)  # loads what finds sentences, so that the page can quote at once
    launch(
        bot,
        host=args.host,
        port=args.port,
        auth=auth,
        mcp=args.mcp,
        only=args.only,
        warn=say,
        ready=lambda url: say(f"ready: {url}  (Ctrl-C stops it)"),
    )
    return DONE


class _Version(argparse.Action):
    """Reads the version when asked for it, not at every start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib import metadata  # noqa: PLC0415

        try:
            print(f"citewell {metadata.version('citewell')}")
        except metadata.PackageNotFoundError:
            print("citewell, not installed: run from a checkout")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
