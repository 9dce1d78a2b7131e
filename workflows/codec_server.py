"""`python -m workflows.codec_server`: shows the payloads of our workflows in the Temporal UI to whoever may."""

from chassis.access import allow
from chassis.codec_server import CodecSettings, build
from chassis.process import run_api
from contracts.access import decide
from contracts.actions import Action
from contracts.login import caller_of

if __name__ == "__main__":
    settings = CodecSettings.load()
    run_api(build(settings, decide, allow(Action.PAYLOADS_READ), caller_of(settings)), settings, "codec-server")
