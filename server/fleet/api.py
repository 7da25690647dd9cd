"""What terminals ask of the fleet: to be activated, and to be heard.

    POST /v1/activate    ActivationRequest → ActivationAnswer   unsigned, rate-limited
    POST /v1/heartbeat   Heartbeat → HeartbeatAnswer            also for revoked terminals
    GET  /v1/binding     → ActivationAnswer                     after `binding_version` changed

Handlers raise `Refused` and `Unavailable`; the edge makes a `Failure` with texts of them.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from domain.errors import Unavailable
from server.bodies import read_body
from server.fleet.activate_terminal import activate_terminal, answer_of
from server.fleet.attempts import Attempts
from server.fleet.models import Terminal
from server.fleet.record_heartbeat import Head, ReadHead, record_heartbeat
from server.http import Handler, Request, Response, TerminalIdentity, json_response
from server.runtime import Runtime
from sync.messages import ActivationAnswer, ActivationRequest, Heartbeat

ACTIVATION_BURST = 30
"""A school that opens activates all its counters in one morning; nobody activates faster."""
ACTIVATIONS_PER_MINUTE = 30

ShowsCodes = Callable[[UUID, datetime], bool]
"""(organisation, now) → whether some channel takes payers who scan a counter's code."""


def no_head(_organisation_id: UUID, _terminal_id: UUID, _journal_id: UUID) -> Head | None:
    """Stand in where no inbox is wired: the server has received nothing."""
    return None


def no_codes(_organisation_id: UUID, _now: datetime) -> bool:
    """Stand in where no channels are wired: nothing can be paid by scanning a counter's code."""
    return False


def routes(
    runtime: Runtime, *, read_head: ReadHead = no_head, shows_codes: ShowsCodes = no_codes
) -> dict[tuple[str, str], Handler]:
    """Return the handlers; `read_head` is the inbox's word on a journal, `shows_codes` the
    channels' whether a payer may scan what a counter shows.
    """
    attempts = Attempts(burst=ACTIVATION_BURST, per_minute=ACTIVATIONS_PER_MINUTE)

    async def activate(request: Request) -> Response:
        now = runtime.clock.now()
        body = read_body(ActivationRequest, request.body)
        if wait_ms := attempts.take(now):
            raise Unavailable("activation.too_many_tries", wait_ms)
        return json_response(await runtime.read(_activate, runtime, body))

    async def heartbeat(request: Request) -> Response:
        beat = read_body(Heartbeat, request.body)
        now = runtime.clock.now()

        def record() -> Response:
            answer = record_heartbeat(
                request.signer, beat, now=now, read_head=read_head,
                shows_codes=shows_codes(request.signer.organisation_id, now),
            )  # fmt: skip
            return json_response(answer)

        return await runtime.read(record)

    async def binding(request: Request) -> Response:
        return json_response(await runtime.read(_binding, runtime, request.signer))

    return {
        ("POST", "/v1/activate"): activate,
        ("POST", "/v1/heartbeat"): heartbeat,
        ("GET", "/v1/binding"): binding,
    }


def _activate(runtime: Runtime, body: ActivationRequest) -> ActivationAnswer:
    return activate_terminal(
        body, now=runtime.clock.now(), random=runtime.random, secrets=runtime.secrets
    )


def _binding(runtime: Runtime, signer: TerminalIdentity) -> ActivationAnswer:
    terminal = Terminal.objects.select_related("store", "merchant").get(
        id=signer.terminal_id, organisation_id=signer.organisation_id
    )
    return answer_of(terminal, signer.key_id, now=runtime.clock.now(), secrets=runtime.secrets)
