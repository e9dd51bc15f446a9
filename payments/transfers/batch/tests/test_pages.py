"""The pages of a batch, as a browser meets them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.tests.people import money_of
from payments.transfers.batch.models import TransferBatch
from payments.transfers.batch.tasks import run_batches
from payments.transfers.batch.tests.builders import HEADER, crowd, rich, text_for
from tests.cast import OTHER_PAYMENT_PASSWORD, PAYMENT_PASSWORD, prove_the_books, wallet_with
from tests.doors import signed_in
from tests.limits import PLENTY, with_limits
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db


def send(browser: Client, content: bytes, name: str = "pay.csv") -> object:
    return browser.post("/transfer/batch/", {"file": SimpleUploadedFile(name, content)})


def html_of(answer: object) -> str:
    html: str = answer.content.decode()  # type: ignore[attr-defined]
    assert_page_is_clean(html)
    return html


def test_from_the_file_to_the_result(alice: User) -> None:
    rich(alice, "100.00")
    people = crowd(2)
    browser = signed_in(alice)
    html_of(browser.get("/transfer/batch/"))

    answer = send(browser, (text_for(people, "10.00") + "\n12,x,,").encode())
    batch = TransferBatch.objects.get()
    where = f"/transfer/batch/{batch.public_id}/"
    assert answer.url == where  # type: ignore[attr-defined]
    preview = html_of(browser.get(where))
    assert "Send only the 2 good lines" in preview
    assert "Neither a mobile number" in preview
    assert "Line 4" in preview

    assert browser.post(where + "choose/", {"lines": "3"}).status_code == 422
    chosen = browser.post(where + "choose/", {"lines": "2"})
    assert chosen.url == where + "authorise/"  # type: ignore[attr-defined]
    html_of(browser.get(where + "authorise/"))
    wrong = browser.post(where + "authorise/", {"payment_password": OTHER_PAYMENT_PASSWORD})
    assert wrong.status_code == 422
    assert not Payment.objects.exists()
    for _ in range(2):
        done = browser.post(
            where + "authorise/", {"payment_password": PAYMENT_PASSWORD}, follow=True
        )
        assert "Do not send the rest" in html_of(done)

    run_batches()
    result = html_of(browser.get(where))
    assert "All sent" in result
    assert "2 of 2 sent" in result
    table = browser.get(where + "result.csv")
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    assert table.content.decode().count("Sent") == 2
    assert money_of(alice) == 80_00
    assert "pay.csv" in html_of(browser.get("/transfer/batch/"))
    prove_the_books()


def test_a_file_that_was_sent_is_noticed(alice: User) -> None:
    rich(alice, "100.00")
    text = text_for(crowd(1), "10.00").encode()
    browser = signed_in(alice)
    for number in range(2):
        where = send(browser, text).url  # type: ignore[attr-defined]
        if number:
            assert "You sent the same file on" in html_of(browser.get(where))
            assert browser.post(where + "choose/", {"lines": "1"}).status_code == 422
        browser.post(where + "choose/", {"lines": "1", "again": "on"})
        browser.post(where + "authorise/", {"payment_password": PAYMENT_PASSWORD})
        run_batches()
    assert money_of(alice) == 80_00
    prove_the_books()


def test_too_little_money_is_said_before_the_password(alice: User) -> None:
    rich(alice, "15.00")
    browser = signed_in(alice)

    where = send(browser, text_for(crowd(2), "10.00").encode()).url  # type: ignore[attr-defined]

    preview = html_of(browser.get(where))
    assert "5.00" in preview
    assert "short" in preview
    assert "choose/" not in preview
    refused = browser.post(where + "authorise/", {"payment_password": PAYMENT_PASSWORD})
    assert refused.status_code == 422
    assert not Payment.objects.exists()


def test_discarded_it_is_gone(alice: User) -> None:
    rich(alice)
    browser = signed_in(alice)
    where = send(browser, text_for(crowd(1)).encode()).url  # type: ignore[attr-defined]

    gone = browser.post(where + "discard/", follow=True)

    assert "Nothing was charged" in html_of(gone)
    for path in ("choose/", "discard/", "stop/"):
        assert browser.post(where + path).status_code == 302
    assert browser.get(where + "authorise/").status_code == 302
    assert browser.get(where + "result.csv").status_code == 302


def test_a_stranger_finds_nothing(alice: User, bob: User) -> None:
    rich(alice)
    wallet_with(bob)
    where = send(signed_in(alice), text_for(crowd(1)).encode()).url  # type: ignore[attr-defined]
    stranger = signed_in(bob)

    assert stranger.get(where).status_code == 404
    assert stranger.get(where + "result.csv").status_code == 404
    for path in ("choose/", "authorise/", "discard/", "stop/"):
        assert stranger.post(where + path).status_code == 404
        if path != "authorise/":
            assert signed_in(alice).get(where + path).status_code == 405


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\xff" * 50, b"PK\x03\x04\x00", b'1,"2', b"a" * 300_000, b"payee\n"]
)
def test_no_file_or_a_strange_one_is_answered_with_words(alice: User, content: bytes) -> None:
    rich(alice)
    browser = signed_in(alice)

    answer = send(browser, content)

    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "Nothing was transferred" in html_of(answer)
    assert browser.post("/transfer/batch/").status_code == 422
    assert not TransferBatch.objects.exists()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text(max_size=80).map(lambda text: (HEADER + text).encode("utf-8", "surrogatepass")),
    )
)
def test_no_bytes_break_the_page(alice: User, content: bytes, browser_of: Client) -> None:
    answer = send(browser_of, content, "x" * 300 + "\u202e.csv")

    assert answer.status_code in (302, 422)  # type: ignore[attr-defined]
    if answer.status_code == 302:  # type: ignore[attr-defined]
        html_of(browser_of.get(answer.url))  # type: ignore[attr-defined]


@pytest.fixture
def browser_of(alice: User, settings: object) -> Client:
    with_limits(settings, "batch.upload", person=PLENTY)
    with_limits(settings, "batch.lookup", person=PLENTY)
    rich(alice)
    return signed_in(alice)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_template_is_a_file_that_can_be_uploaded(alice: User, language: str) -> None:
    rich(alice)
    User.objects.filter(pk=alice.pk).update(locale=language)
    browser = signed_in(alice)

    template = browser.get("/transfer/batch/template.csv").content
    answer = send(browser, template)

    assert template.startswith(b"\xef\xbb\xbf")
    assert TransferBatch.objects.get().line_count == 1
    assert html_of(browser.get(answer.url)).count("<li class=") == 1  # type: ignore[attr-defined]
