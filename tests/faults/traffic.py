"""Customers at work, each in a thread, who write down what the site told them."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from http.client import HTTPException
from typing import Any
from uuid import uuid4

from tests.attacks.client import Answer, Browser

# A customer on a dead line gives up sooner than a test client would.
PATIENCE_SECONDS = 5.0
THINK_SECONDS = 0.15


class Said(Enum):
    """What the site told the customer about one thing they wanted."""

    NOTHING = "nothing"  # no answer, or one that is none: they must ask again
    DONE = "done"
    ON_ITS_WAY = "on its way"
    REFUSED = "refused"


@dataclass
class Wish:
    """One payment that a customer wants, with the key of its form."""

    kind: str
    fields: dict[str, str]
    amount_minor: int
    payment: str = ""
    said: Said = Said.NOTHING

    @property
    def public_id(self) -> str:
        return self.payment.split("/")[2] if self.payment else ""


@dataclass
class Customer:
    """A person with a browser, and everything they ever asked for."""

    phone: str
    password: str
    pin: str
    card: str
    port: int
    wishes: list[Wish] = field(default_factory=list)
    browser: Browser | None = None
    # Statuses after which nobody knows: 500 and above.
    broken: list[str] = field(default_factory=list)

    def sign_in(self) -> None:
        """Through the door; raises when there is no way in now."""
        # An address each, as seen by the proxy in front: attempts are counted by address, too.
        address = f"10.0.{int(self.phone[-4:]) // 250}.{int(self.phone[-4:]) % 250 + 1}"
        browser = Browser(self.port, self.broken, **{"X-Forwarded-For": address})
        browser.timeout_seconds = PATIENCE_SECONDS
        door = {"phone": self.phone, "password": self.password}
        answer = browser.post("/sign-in/", door)
        if answer.status != 302:
            raise HTTPException(f"not let in: {answer.status}")
        self.browser = browser

    def transfer(self, payee: str, amount_minor: int) -> Wish:
        """Send money to somebody."""
        fields = {"payee": payee, "amount": text_of(amount_minor), "note": ""}
        return self._try(Wish("transfer", {**fields, "compose_key": str(uuid4())}, amount_minor))

    def top_up(self, amount_minor: int) -> Wish:
        """Get money from the card."""
        fields = {"card": self.card, "amount": text_of(amount_minor)}
        return self._try(Wish("top-up", {**fields, "compose_key": str(uuid4())}, amount_minor))

    def withdraw(self, amount_minor: int) -> Wish:
        """Send money to the card."""
        fields = {"card": self.card, "amount": text_of(amount_minor)}
        return self._try(Wish("withdraw", {**fields, "compose_key": str(uuid4())}, amount_minor))

    def ask_again(self) -> None:
        """Send every form again that was never answered, as a person with a reload button does.
        Raises when there is still no answer."""
        for wish in self.wishes:
            if wish.said is Said.NOTHING:
                self._go(wish)

    def look(self, wish: Wish) -> Said:
        """What the payment's own page says now."""
        page = self._send(lambda browser: browser.get(wish.payment))
        return _read_result(page)

    def _try(self, wish: Wish) -> Wish:
        self.wishes.append(wish)
        try:
            self._go(wish)
        except (OSError, HTTPException):
            self.browser = None
        return wish

    def _go(self, wish: Wish) -> None:
        """Compose, authorise, read the result; each as often as it is called, with one effect."""
        if not wish.payment:
            answer = self._send(lambda browser: browser.post(f"/{wish.kind}/", wish.fields))
            if answer.status == 302:
                wish.payment = answer.location.removesuffix("check/")
            elif answer.status in {422, 429}:
                wish.said = Said.REFUSED
                return
            else:
                raise HTTPException(f"compose: {answer.status}")
        if not wish.payment.startswith("/pay/"):
            raise HTTPException(f"compose led to {wish.payment}")
        pin = {"payment_password": self.pin}
        answer = self._send(lambda browser: browser.post(f"{wish.payment}authorise/", pin))
        if answer.status in {422, 429}:
            wish.said = Said.REFUSED
            return
        if answer.status != 302:
            raise HTTPException(f"authorise: {answer.status}")
        wish.said = self.look(wish)

    def _send(self, act: Callable[[Browser], Answer]) -> Answer:
        """The act in a signed-in browser: sessions end, above all when the clock jumps."""
        for _again in range(3):
            if self.browser is None:
                self.sign_in()
            assert self.browser is not None
            answer = act(self.browser)
            if answer.status != 302 or not answer.location.startswith("/sign-in/"):
                return answer
            self.browser = None
        raise HTTPException("signed out again and again")


def text_of(amount_minor: int) -> str:
    """As one types it."""
    return f"{amount_minor // 100}.{amount_minor % 100:02d}"


def _read_result(page: Answer) -> Said:
    if page.status != 200:
        raise HTTPException(f"result: {page.status}")
    title = page.text.partition("<title>")[2].partition("</title>")[0]
    for words, said in (
        (("Transferred", "Topped up", "Withdrawn"), Said.DONE),
        (("Checking the result", "On its way"), Said.ON_ITS_WAY),
        (("Failed", "Expired", "Cancelled"), Said.REFUSED),
    ):
        if any(word in title for word in words):
            return said
    raise HTTPException(f"a result page called {title!r}")


class Traffic:
    """All customers at once, until told to stop."""

    def __init__(self, people: Sequence[dict[str, Any]], port: int, seed: int) -> None:
        self.customers = [Customer(**person, port=port) for person in people]
        self._seed = seed
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Every customer begins to act."""
        self._stop.clear()
        self._seed += 1
        self._threads = [
            threading.Thread(
                target=self._live, args=(customer, random.Random(self._seed * 1000 + number)),
                daemon=True,
            )
            for number, customer in enumerate(self.customers)
        ]  # fmt: skip
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let everybody finish or give up what they are at."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS * 8)
            assert not thread.is_alive(), "a customer hangs"

    def ask_again(self) -> None:
        """Everybody settles what was never answered; everything must be answered now."""
        for customer in self.customers:
            customer.broken.clear()
            customer.ask_again()
            assert not customer.broken, f"answers of a healthy site: {customer.broken}"

    def tally(self) -> Counter[str]:
        """How often each thing was said."""
        return Counter(wish.said.value for customer in self.customers for wish in customer.wishes)

    def _live(self, customer: Customer, chance: random.Random) -> None:
        others = [one.phone for one in self.customers if one is not customer]
        while not self._stop.wait(chance.uniform(0, 2 * THINK_SECONDS)):
            die = chance.random()
            if customer.browser is None and customer.wishes:
                # A person does not knock at a dead door ten times a second.
                self._stop.wait(1)
            if die < 0.8:
                customer.transfer(chance.choice(others), chance.randint(1, 500))
            elif die < 0.82:
                # More than anybody has: refused, whatever happens.
                customer.transfer(chance.choice(others), 900_000_000_00 // 10)
            elif die < 0.92:
                customer.top_up(chance.randint(1, 20) * 100)
            else:
                customer.withdraw(chance.randint(1, 20) * 100)
