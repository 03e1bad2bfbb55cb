"""`serve`."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor

import click

from knowligo_index.cli.options import common_options, needing, setting_option, settings_from_flags
from knowligo_index.cli.output import PrintableFormatter, print_json, print_text
from knowligo_index.service.repeated_messages import RepeatedMessages
from knowligo_index.service.secret_files import read_api_key, read_token
from knowligo_index.system.cpu import default_threads
from knowligo_index.system.signals import stopped_by_signals

# The service must end within 2 seconds of a signal. After this time the process exits, whatever it is doing.
_GRACE_SECONDS = 1.7


@click.command(epilog="Example: knowligo-index serve --index indexes --port 8080")
@setting_option("host")
@setting_option("port")
@setting_option("refresh_seconds")
@setting_option("require_signature")
@setting_option("max_question")
@setting_option("max_concurrent")
@setting_option("max_connections")
@setting_option("searches_per_minute")
@setting_option("answers_per_minute")
@setting_option("trusted_proxies")
@setting_option("allowed_hosts")
@setting_option("token_file")
@setting_option("answer_model")
@setting_option("answer_url")
@setting_option("answer_seconds")
@setting_option("answer_tokens")
@setting_option("threads")
@common_options
def serve(as_json: bool, **flags: object) -> None:
    """Serve searches of the live version over HTTP.

    Runs until a signal stops it, and has a web page for questions. When another version goes live, the service switches
    to it. With GROQ_API_KEY in the environment, or with GROQ_API_KEY_FILE, the name of a file that holds the key, it
    also generates answers.
    """
    settings = settings_from_flags(**flags)
    handler = logging.StreamHandler()
    handler.setFormatter(PrintableFormatter("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(RepeatedMessages())
    logging.basicConfig(handlers=[handler])
    logging.getLogger("knowligo_index").setLevel(logging.INFO)
    token = read_token(settings.service.token_file)
    api_key = read_api_key(os.environ.get("GROQ_API_KEY", ""), os.environ.get("GROQ_API_KEY_FILE", ""))
    with (
        stopped_by_signals(lambda: "the service has ended", _GRACE_SECONDS),
        needing("serve"),
        ThreadPoolExecutor(1) as pool,
    ):
        from knowligo_index.search.query_encoder import import_engine
        from knowligo_index.service.live_index import LiveIndex

        # OpenVINO compiles the encoder in a thread while this one imports the web framework. OpenVINO is imported
        # before that: two threads that import at the same time are no faster than one.
        import_engine()
        threads, public_keys = settings.threads or default_threads(), settings.service.require_signature
        live_index = pool.submit(LiveIndex, settings.index, threads, public_keys)
        from knowligo_index.service.app import create_app
        from knowligo_index.service.server import bind, run, url_of

        with bind(settings.service) as listener:
            app = create_app(live_index.result(), settings.service, api_key, token)

            def announce() -> None:
                if as_json:
                    print_json({"url": url_of(listener)})
                else:
                    print_text(f"Serving {settings.index} on {url_of(listener)} (press Ctrl-C to stop)")

            run(app, settings.service, listener, announce)
