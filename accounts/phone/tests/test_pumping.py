"""SMS pumping: codes of one kind stop, staff are told, others go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.utils import timezone

from accounts.phone.admin import SmsAlarmAdmin
from accounts.phone.errors import CodesUnavailable
from accounts.phone.figures import open_alarms
from accounts.phone.models import SmsAlarm
from accounts.phone.pumping import end_alarm
from accounts.phone.services import request_code
from accounts.phone.states import Asker
from accounts.users.models import User
from tests.cast import make_staff
from tests.limits import with_limits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


def ask(phone: str, address: str = "", asker: Asker = Asker.STRANGER) -> None:
    request_code(purpose="sign_up", phone=phone, session_key="s", address=address, asker=asker)


def test_numbers_that_begin_alike_stop_and_others_go_on(
    settings: Any, caplog: pytest.LogCaptureFixture, olivia: User
) -> None:
    with_limits(settings, "sms.pumping", prefix=[(3, 3600)])
    for number in range(3):
        ask(f"+861380013602{number}", f"192.0.{number}.1")
    with pytest.raises(CodesUnavailable):
        ask("+8613800136025", "192.0.77.1")
    ask("+8613911110000", "192.0.78.1")
    alarm = SmsAlarm.objects.get()
    assert (alarm.kind, alarm.subject, alarm.messages) == ("prefix", "+861380013", 3)
    assert "SMS alarm" in caplog.text and "138" not in caplog.text
    assert open_alarms(timezone.now())["prefix"] == 1

    assert end_alarm(alarm=alarm, by=olivia)
    assert not end_alarm(alarm=alarm, by=olivia)
    ask("+8613800136026", "192.0.79.1")
    assert open_alarms(timezone.now())["prefix"] == 0


def test_addresses_side_by_side_stop_and_the_alarm_ends_by_itself(settings: Any) -> None:
    with_limits(settings, "sms.pumping", range=[(2, 3600)])
    for number in range(2):
        ask(f"+86139{number}2222000", f"192.0.2.{number}")
    with pytest.raises(CodesUnavailable):
        ask("+8613533330000", "192.0.2.99")
    ask("+8613533330000", "192.0.3.1")
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=5), tick=True):
        ask("+8613544440000", "192.0.2.99")
        assert not any(open_alarms(timezone.now()).values())


def test_operations_end_an_alarm_and_others_do_not() -> None:
    until = timezone.now() + timedelta(hours=1)
    SmsAlarm.objects.create(kind="prefix", subject="+861380013", messages=200, until=until)
    desk = SmsAlarmAdmin(SmsAlarm, site)
    request = RequestFactory().post("/")
    request.user = make_staff("Support")
    with pytest.raises(PermissionDenied):
        desk.end_alarms(request, SmsAlarm.objects.all())
    request.user = make_staff("Operations")
    desk.end_alarms(request, SmsAlarm.objects.all())
    assert SmsAlarm.objects.get().ended_by == request.user
    assert "end_alarms" in desk.get_actions(request)


def test_too_many_codes_altogether_are_an_alarm_too(settings: Any, olivia: User) -> None:
    with_limits(settings, "sms.pumping", all=[(2, 3600)])
    ask("+8613800136021", "192.0.2.1")
    ask("+8613911110000", "198.51.100.1")
    with pytest.raises(CodesUnavailable):
        ask("+8613544440000", "203.0.113.1")
    alarm = SmsAlarm.objects.get()
    assert (alarm.kind, alarm.subject, alarm.messages) == ("all", "*", 2)
    assert end_alarm(alarm=alarm, by=olivia)
    ask("+8613544440000", "203.0.113.1")
