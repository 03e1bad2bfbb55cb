"""The command that starts the service."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor

import click

from knowligo_index.cli.shared import common, needing, print_json, say, setting, settings_from
from knowligo_index.system.cpu import default_threads
from knowligo_index.system.signals import stopped_by_signals

# A service is to be gone 2 seconds after it was told to; from then on, whatever holds it up is cut off.
_GRACE_SECONDS = 1.7


@click.command(epilog="Example: knowligo-index serve --index indexes --port 8080")
@setting("host")
@setting("port")
@setting("refresh_seconds")
@setting("max_question")
@setting("max_concurrent")
@setting("searches_per_minute")
@setting("answers_per_minute")
@setting("trusted_proxies")
@setting("answer_model")
@setting("answer_url")
@setting("answer_seconds")
@setting("answer_tokens")
@setting("threads")
@common
def serve(as_json: bool, **flags: object) -> None:
    """Serve searches of the live version over HTTP, with a page to ask on, until a signal ends it.

    Moves to another version when one goes live. With GROQ_API_KEY in the environment it also words answers.
    """
    settings = settings_from(**flags)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("knowligo_index").setLevel(logging.INFO)
    with (
        stopped_by_signals(lambda: "the service has ended", _GRACE_SECONDS),
        needing("serve"),
        ThreadPoolExecutor(1) as pool,
    ):
        from knowligo_index.search.query_encoder import import_engine
        from knowligo_index.service.live_index import LiveIndex

        # OpenVINO compiles the encoder while Python imports what the service is made of. Its own modules come first:
        # two threads that import, import no faster than one.
        import_engine()
        opening = pool.submit(LiveIndex, settings.index, settings.threads or default_threads())
        from knowligo_index.service.app import create_app
        from knowligo_index.service.running import bind, run, url_of

        with bind(settings.service) as bound:
            app = create_app(opening.result(), settings.service, os.environ.get("GROQ_API_KEY", "").strip())

            def tell() -> None:
                if as_json:
                    print_json({"url": url_of(bound)})
                else:
                    say(f"Serving {settings.index} on {url_of(bound)} (Ctrl-C ends it)")

            run(app, settings.service, bound, tell)
