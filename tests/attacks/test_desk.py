"""The desk from outside: every address as every role, guided views, records in the admin."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from accounts.guiding.models import GuidedView, HelperCode
from accounts.guiding.selectors import find_live_view
from accounts.security.models import SecurityEvent
from accounts.support.models import SupportAction, SupportVisit
from accounts.users.models import User
from payments.processing.models import Payment
from payments.wallets.models import Wallet
from tests.attacks.client import Browser, at_once, tally
from tests.attacks.crawler import crawl
from tests.attacks.test_staff import agent_browser, open_customer
from tests.attacks.walks import Site, authorise, compose, money_of
from tests.cast import prove_the_books
from tests.limits import with_limits

# What is posted at the desk, below a visit.
_ACTS = {
    "digits/": {"digits": "123456"},
    "code/send/": {},
    "code/": {"code": "123456"},
    "shown/": {"code": "3333-3333"},
    "guided/begin/": {"code": "3333-3333"},
    "question/": {},
    "answer/": {"choice": "0"},
    "document/": {},
    "hand-over/": {"reason": "because I say so", "phone": ""},
    "reveal/": {"reason": "because I say so"},
    "end-lock/sign-in/": {"reason": "because I say so"},
    "end-lock/payment-password/": {"reason": "because I say so"},
}


def made_code(browser: Browser, purpose: str) -> str:
    """What the customer's own page shows."""
    path = {"identify": "/security/helper/code/", "look": "/security/helper/look/"}[purpose]
    answer = browser.post(path, {"agreed": "on"})
    assert answer.status == 200, answer.text
    return answer.text.split('<p class="bigclock num" translate="no">')[1].split("<")[0]


def begun(site: Site, customer: User, agent: Browser) -> tuple[Browser, str]:
    """The customer's browser, and the address of the guided view."""
    hers = site.signed_in(customer)
    visit = open_customer(agent, customer).location
    answer = agent.post(f"{visit}guided/begin/", {"code": made_code(hers, "look")})
    assert answer.status == 302, answer.text
    return hers, answer.location


def test_every_act_is_the_visits_own_agents_and_nothing_after_its_end(
    site: Site, rich_alice: User, mallory: User, settings: Any
) -> None:
    agent = agent_browser(site, "Support")
    visit = open_customer(agent, rich_alice).location
    others = [
        agent_browser(site, "Support lead"),
        agent_browser(site, "Operations"),
        agent_browser(site, "Auditor"),
        site.signed_in(mallory),
        site.browser(),
    ]
    for browser in others:
        for act, fields in _ACTS.items():
            assert browser.post(visit + act, fields).status in {302, 403, 404}, act
    settings.SUPPORT = {**settings.SUPPORT, "visit_seconds": 0}
    for act, fields in _ACTS.items():
        answer = agent.post(visit + act, fields)
        assert answer.status in {302, 422}, act
        assert "陈*远" not in answer.text
    assert SupportAction.objects.count() == 0
    assert not HelperCode.objects.exists() and not GuidedView.objects.exists()
    seen = SecurityEvent.objects.filter(user=rich_alice, kind__startswith="support.")
    assert set(seen.values_list("kind", flat=True)) == {"support.viewed"}


def test_staff_are_no_customers_of_the_desk_nor_is_oneself(site: Site, rich_alice: User) -> None:
    agent = agent_browser(site, "Support")
    colleague = agent_browser(site, "Support lead")
    for browser in (agent, colleague):
        for person in User.objects.filter(is_staff=True):
            assert open_customer(browser, person).status == 422
    assert not SupportVisit.objects.exists()


@pytest.mark.parametrize("purpose", ["identify", "look"])
def test_a_code_sent_twenty_times_at_once_counts_once(
    site: Site, rich_alice: User, settings: Any, purpose: str
) -> None:
    with_limits(settings, "guiding.try", customer=[(100, 3600)])
    agent = agent_browser(site, "Support")
    hers = site.signed_in(rich_alice)
    visit = open_customer(agent, rich_alice).location
    path = visit + {"identify": "shown/", "look": "guided/begin/"}[purpose]
    code = made_code(hers, purpose)
    answers = at_once(20, lambda _number: agent.post(path, {"code": code}))
    assert tally(answers) == {302: 1, 422: 19}
    assert HelperCode.objects.exclude(used_at=None).count() == 1
    assert GuidedView.objects.count() == (purpose == "look")
    assert all(code not in answer.text for answer in answers)


def test_a_code_of_another_customer_opens_nobody(
    site: Site, rich_alice: User, mallory: User
) -> None:
    """mallory, who is bribed, reads out a code of her own for alice's record."""
    agent = agent_browser(site, "Support")
    theirs = site.signed_in(mallory)
    visit = open_customer(agent, rich_alice).location
    for purpose, act in (("identify", "shown/"), ("look", "guided/begin/")):
        code = made_code(theirs, purpose)
        assert agent.post(visit + act, {"code": code}).status == 422
    assert not GuidedView.objects.exists()


def test_a_guided_view_shows_no_secret_and_moves_nothing(
    site: Site, rich_alice: User, bob: User
) -> None:
    hers = site.signed_in(rich_alice)
    unpaid, paid = compose(hers, bob, "7.31"), compose(hers, bob, "8.43")
    assert authorise(hers, paid).status == 302
    before = money_of(rich_alice)
    agent = agent_browser(site, "Support")
    hers, view = begun(site, rich_alice, agent)
    found = crawl(agent, [view])
    number = Wallet.objects.get(owner=rich_alice).number
    pages = [answer for path, answer in found.pages.items() if path.startswith(view)]
    assert len(pages) == 3
    for answer in pages:
        for secret in ("7.31", "8.43", "91.57", number, "陈思远", "林晓", str(bob.phone)[3:]):
            assert secret not in answer.text, (answer.path, secret)
        for form in answer.forms:
            if form.method == "post":
                assert form.action in {f"{view}end/", "/sign-out/"} or "language" in form.action
    for path in (unpaid, f"{unpaid}authorise/", "/transfer/", "/security/two-factor/"):
        answer = agent.post(path, {"payment_password": "739164"})
        assert answer.status != 200 and money_of(rich_alice) == before
    for page in ("", "security/", "activity/"):
        assert agent.post(view + page, {"amount": "1.00"}).status == 405
    seen = SecurityEvent.objects.filter(user=rich_alice, kind__startswith="guided.opened").count()
    assert seen >= 3
    prove_the_books()


def test_a_guided_view_ends_with_the_customers_word_and_session(
    site: Site, rich_alice: User, mallory: User
) -> None:
    agent = agent_browser(site, "Support")
    hers, view = begun(site, rich_alice, agent)
    strangers = [agent_browser(site, "Support"), agent_browser(site, "Auditor"), site.browser()]
    strangers += [site.signed_in(mallory), hers]
    for browser in strangers:
        for page in ("", "security/", "activity/"):
            assert browser.get(view + page).status in {302, 403, 404}
        assert browser.post(f"{view}end/").status in {302, 403, 404}
    assert site.signed_in(mallory).post("/security/helper/end/").status == 302
    assert find_live_view(rich_alice) is not None
    assert hers.post("/security/helper/end/").status == 302
    assert agent.get(view).status == 302
    hers, view = begun(site, rich_alice, agent)
    assert agent.get(view).status == 200
    assert hers.post("/sign-out/").status == 302
    assert agent.get(view).status == 302
    assert agent.get(f"/admin/desk/guided/{uuid4()}/").status == 404


def test_no_role_opens_a_customers_row_in_the_admin_without_a_reason(
    site: Site, rich_alice: User, bob: User
) -> None:
    hers = site.signed_in(rich_alice)
    assert authorise(hers, compose(hers, bob, "8.43")).status == 302
    payment = Payment.objects.get()
    wallet = Wallet.objects.get(owner=rich_alice)
    rows = {
        f"/admin/payments/payment/{payment.pk}/change/": payment.reference,
        f"/admin/payments/payment/{payment.pk}/history/": payment.reference,
        f"/admin/payments/wallet/{wallet.pk}/change/": "91.57",
        f"/admin/ledger/ledgeraccount/{wallet.ledger_account_id}/change/": "9157",
    }
    for role in ("Operations", "Operations checker", "Auditor", "Support", "Support lead"):
        browser = agent_browser(site, role)
        for path, secret in rows.items():
            answer = browser.get(path)
            assert answer.status in {200, 403} and secret not in answer.text, (role, path)
            answer = browser.post(path, {"state": "created"})
            assert answer.status == 403 and secret not in answer.text, (role, path)
        listed = browser.post(f"/admin/payments/payment/?q={wallet.number}", {"action": ""})
        assert payment.reference not in listed.text
    assert not SecurityEvent.objects.filter(kind="staff.looked").exists()
    prove_the_books()
