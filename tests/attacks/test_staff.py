"""A curious or bribed agent, and others at the desk (row 39)."""

from __future__ import annotations

from uuid import uuid4

from django.utils.translation import override

from accounts.factors.services import enrol_authenticator
from accounts.security.kinds import kind_title
from accounts.support.models import SupportAction, SupportVisit
from accounts.users.models import User
from payments.wallets.models import Wallet
from tests.attacks.client import CSRF_FIELD, Answer, Browser
from tests.attacks.crawler import crawl
from tests.attacks.crowd import belongings_of, staff_browser
from tests.attacks.test_headers import assert_sealed
from tests.attacks.walks import Site, authorise, compose, money_of
from tests.cast import make_staff, prove_the_books

_STEPS = ["", "digits/", "code/send/", "code/", "reveal/", "end-lock/sign-in/",
          "end-lock/payment-password/"]  # fmt: skip
_FIELDS = {"digits": "123456", "code": "123456", "reason": "because I say so"}


def agent_browser(site: Site, role: str) -> Browser:
    """Staff of this role, with both factors."""
    person = make_staff(role)
    return staff_browser(site, person, enrol_authenticator(user=person).secret)


def open_customer(agent: Browser, customer: User) -> Answer:
    """With a reason, as the desk asks for."""
    why = SupportVisit.Why.values[0]
    fields = {"phone": str(customer.phone), "why": why, "reason": "the customer is on the phone"}
    return agent.post("/admin/desk/", fields)


def test_a_visit_is_its_agents_alone_and_nobody_elses(
    site: Site, rich_alice: User, mallory: User
) -> None:
    agent = agent_browser(site, "Support")
    visit = open_customer(agent, rich_alice).location
    assert agent.get(visit).status == 200
    others = {
        "another agent": agent_browser(site, "Support"),
        "operations": agent_browser(site, "Operations"),
        "auditor": agent_browser(site, "Auditor"),
        "customer": site.signed_in(mallory),
        "the customer herself": site.signed_in(rich_alice),
        "nobody": site.browser(),
    }
    nothing = f"/admin/desk/{uuid4()}/"
    for who, browser in others.items():
        for step in _STEPS:
            hers, none = browser.get(visit + step), browser.get(nothing + step)
            assert hers.status == none.status in {302, 403, 404, 405}, (who, step)
            assert browser.post(visit + step, _FIELDS).status in {302, 403, 404, 405}, (who, step)
            assert rich_alice.phone.as_e164 not in hers.text
    assert SupportAction.objects.count() == 0


def test_the_desk_shows_no_secret_moves_no_money_and_is_sealed(
    site: Site, rich_alice: User, bob: User
) -> None:
    hers = belongings_of(site, rich_alice, bob).browser
    before = money_of(rich_alice)
    agent = agent_browser(site, "Support")
    visit = open_customer(agent, rich_alice).location
    found = crawl(agent, ["/admin/desk/", visit, f"{visit}end-lock/payment-password/"])
    number = Wallet.objects.get(owner=rich_alice).number
    for answer in found.pages.values():
        assert_sealed(answer)
        for secret in ("310101199003", "陈思远", number, str(rich_alice.phone)):
            assert secret not in answer.text, answer.path
    for form in found.posts:
        fields = {name: value for name, value in form.fields.items() if name != CSRF_FIELD}
        assert agent.post_bare(form.action, fields).status == 403, form.action
        evil = {**fields, CSRF_FIELD: agent.token()}
        assert agent.post_bare(form.action, evil, Origin="https://evil.example").status == 403
    assert money_of(rich_alice) == before
    with override("en"):
        title = str(kind_title("support.viewed"))
    assert title in hers.get("/security/").text
    prove_the_books()


def test_no_lock_ends_for_a_caller_who_was_not_checked(
    site: Site, rich_alice: User, bob: User
) -> None:
    browser = site.signed_in(rich_alice)
    payment = compose(browser, bob)
    for number in range(5):
        authorise(browser, payment, f"91827{number}")
    agent = agent_browser(site, "Support")
    visit = open_customer(agent, rich_alice).location
    for path in (f"{visit}end-lock/payment-password/", f"{visit}end-lock/nothing/"):
        answer = agent.post(path, {"reason": "the customer asked me to"})
        assert answer.status in {302, 404, 422}, answer.text
        assert answer.status != 302 or answer.location.startswith("/step-up/")
    assert authorise(browser, payment).location.startswith("/locked/payment/")
    assert (SupportAction.objects.count(), money_of(bob)) == (0, 0)
    prove_the_books()


def test_an_agent_cannot_find_out_id_digits_by_trying_over_many_visits(
    site: Site, rich_alice: User
) -> None:
    agents = [agent_browser(site, "Support") for _number in range(2)]
    looked_at = 0
    for number in range(16):
        agent = agents[number % 2]
        visit = open_customer(agent, rich_alice).location
        if not visit:
            continue
        for guess in range(3):
            answer = agent.post(f"{visit}digits/", {"digits": f"{number:02d}{guess}123"})
            looked_at += answer.status == 422
    assert looked_at == 9
