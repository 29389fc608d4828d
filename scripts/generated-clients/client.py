"""A client that openapi-python-client generates: sends a referral, accepts it, and complains."""

import datetime
import os
import subprocess
import time
from typing import TypeVar

from almoner_client import AuthenticatedClient, Client
from almoner_client.api.council import council_referrals_read, council_referrals_send
from almoner_client.api.oauth import oauth_token_issue
from almoner_client.api.partner import partner_complaints_follow, partner_complaints_lodge
from almoner_client.api.practice import (
    practice_referrals_accept,
    practice_referrals_list,
    practice_referrals_read,
    practice_sessions_sign_in,
)
from almoner_client.models import (
    AcceptReferral,
    CouncilReferral,
    Followed,
    LodgeComplaint,
    PageReferralSummary,
    Receipt,
    ReferralMessage,
    ReferralWithMatches,
    SignedIn,
    SignIn,
    TokenRequest,
    TokenResponse,
)

T = TypeVar("T")

url = os.environ["ALMONER_URL"]
anyone = Client(base_url=url)
run = f"PYTHON-{time.time_ns()}"
today = datetime.date.today().isoformat()


def taken(step: str, answer: object, kind: type[T]) -> T:
    """Return the answer, or fail with the problem."""
    if not isinstance(answer, kind):
        raise SystemExit(f"{step}: {answer}")
    print(f"  {step}")
    return answer


def system(identifier: str, secret: str) -> AuthenticatedClient:
    body = TokenRequest.from_dict(
        {
            "grant_type": "client_credentials",
            "client_id": os.environ[identifier],
            "client_secret": os.environ[secret],
        }
    )
    issued = taken("a system gets a token", oauth_token_issue.sync(client=anyone, body=body), TokenResponse)
    return AuthenticatedClient(base_url=url, token=issued.access_token)


def signed_in(email: str) -> AuthenticatedClient:
    """Sign in until a code is taken: each can be used once, and the next one comes within half a minute."""
    for _ in range(14):
        code = subprocess.run([os.environ["DEMONSTRATION_PROGRAM"], "code"], capture_output=True, text=True, check=True)
        body = SignIn(email=email, password=os.environ["STAFF_PASSWORD"], code=code.stdout.strip())
        answer = practice_sessions_sign_in.sync(client=anyone, body=body)
        if isinstance(answer, SignedIn):
            return AuthenticatedClient(base_url=url, token=answer.access_token)
        time.sleep(5)
    raise SystemExit("no code was taken")


council = system("COUNCIL_E06000051_ID", "COUNCIL_E06000051_SECRET")
message = ReferralMessage.from_dict(
    {
        "council_reference": run,
        "requested_on": today,
        "function": "needs_assessment",
        "urgency": "standard",
        "route_of_access": "Community / Other route",
        "reason": "She has fallen twice this month and no longer goes upstairs.",
        "chosen_practice": "severn-social-work",
        "consent": {"basis": "consent_given", "recorded_on": today},
        "person": {
            "council_person_id": run,
            "given_name": "Winifred",
            "family_name": run,
            "date_of_birth": "1941-03-08",
        },
        "referrer": {"name": "Owen Marsh", "team": "First Point of Contact", "phone": "07700 900733"},
    }
)
sent = taken(
    "the council sends a referral", council_referrals_send.sync(client=council, body=message), CouncilReferral
)

staff = signed_in("second-manager@severn-social-work.example")
inbox = taken(
    "the manager reads the inbox", practice_referrals_list.sync(client=staff, limit=200), PageReferralSummary
)
waiting = next(referral for referral in inbox.items if referral.person.endswith(run))
read = practice_referrals_read.sync_detailed(waiting.id, client=staff)
taken("the manager reads the referral", read.parsed, ReferralWithMatches)
accepted = taken(
    "the manager accepts it",
    practice_referrals_accept.sync(
        waiting.id,
        client=staff,
        body=AcceptReferral(),
        if_match=read.headers["ETag"],
        idempotency_key=f"accept-{run}",
    ),
    ReferralWithMatches,
)
assert accepted.status == "accepted", accepted.status
result = taken(
    "the council reads the result", council_referrals_read.sync(sent.id, client=council), CouncilReferral
)
assert result.status == "accepted", result.status

partner = system("PARTNER_ID", "PARTNER_SECRET")
complaint = LodgeComplaint.from_dict(
    {
        "practice": "severn-social-work",
        "narrative": "Three visits were cancelled and nobody rang.",
        "complainant": {"name": "Winifred Ashdown", "basis": "recipient"},
        "danger": {"now": "no"},
    }
)
receipt = taken(
    "somebody complains",
    partner_complaints_lodge.sync(client=partner, body=complaint, idempotency_key=f"complain-{run}"),
    Receipt,
)
assert isinstance(receipt.access_code, str)
taken(
    "they follow it with the access code",
    partner_complaints_follow.sync(
        receipt.reference, client=partner, complaint_access_code=receipt.access_code
    ),
    Followed,
)
