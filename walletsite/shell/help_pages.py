"""The help pages: what each is called, what starts from it, and by which words it is found.

The slugs are addresses that error pages, text messages and letters point to: they stay. The steps
stand in `templates/shell/help/<slug>.html`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Way:
    """A button that starts something, by the name of its address."""

    label: Words
    url_name: str

    @property
    def url(self) -> str:
        """Where it leads; empty where this installation has no such page."""
        try:
            return reverse(self.url_name)
        except NoReverseMatch:
            return ""


@dataclass(frozen=True)
class HelpPage:
    """One trouble: its name, a line about it, its buttons, and its other names in any language."""

    slug: str
    title: Words
    summary: Words
    icon: str
    offers: tuple[Way, ...]
    also_called: str
    is_main: bool = False

    @property
    def template(self) -> str:
        """The steps, in order."""
        return f"shell/help/{self.slug}.html"

    @property
    def ways(self) -> list[Way]:
        """The buttons that lead somewhere."""
        return [way for way in self.offers if way.url]


_FREEZE = Way(_("Freeze the wallet"), "safety:mine")
_FREEZE_BY_CODE = Way(_("Freeze with the printed code"), "safety:freeze")
_CENTRE = Way(_("Open the security centre"), "security:centre")
_NEW_LOGIN = Way(_("Set a new login password"), "signin:recover")
_NEW_PAYMENT = Way(_("Set a new payment password"), "payment_password:reset")
_ACTIVITY = Way(_("See activity"), "records:activity")

PAGES: tuple[HelpPage, ...] = (
    HelpPage(
        "no-code",
        _("The code does not arrive"),
        _("When you open a wallet, set a new password or link a card"),
        "mail",
        (Way(_("Back to the code, and send it again"), "phone:continue"),),
        "sms text message otp verification code not received resend missing late register sign up "
        "短信 验证码 校验码 动态码 收不到 没收到 不来 重发 重新发送 注册 开通 信号",
        is_main=True,
    ),
    HelpPage(
        "wrong-payment-password",
        _("“Wrong payment password” while paying"),
        _("Nothing was charged; try slowly, or set a new one"),
        "key",
        (_NEW_PAYMENT, Way(_("Change the payment password"), "payment_password:change")),
        "pin six digits incorrect forgot forgotten reset password mistake refused "
        "支付密码 密码错误 密码不对 输错 忘记 忘了 重置 修改 六位",
        is_main=True,
    ),
    HelpPage(
        "locked",
        _("The account is locked"),
        _("Until when, and what opens it sooner"),
        "lock",
        (_NEW_LOGIN, _NEW_PAYMENT),
        "lock locked out blocked unlock paused cannot sign in login forgot login password "
        "suspended "
        "锁定 锁住 被锁 解锁 暂停 登录不了 不能登录 无法登录 登不上 登录密码 账户 账号",
        is_main=True,
    ),
    HelpPage(
        "no-network",
        _("No connection while paying"),
        _("Do not pay again: see first what became of it"),
        "offline",
        (Way(_("Go on with the payment"), "processing:resume"), _ACTIVITY),
        "network offline internet wifi interrupted timeout broken stuck twice double charged "
        "pending "
        "断网 网络 没网 连不上 超时 卡住 转圈 中断 重复扣款 扣两次 处理中 付款失败",
        is_main=True,
    ),
    HelpPage(
        "lost-phone",
        _("Lost phone, or a new number"),
        _("Stop payments first, then get your number back"),
        "phone",
        (
            _FREEZE_BY_CODE,
            _FREEZE,
            _CENTRE,
            Way(_("Change the phone number"), "phone_change:start"),
            Way(_("My number is new"), "recycled:start"),
            Way(_("Sign in with the number you had"), "recycled:former"),
            _NEW_LOGIN,
        ),
        "recycled reassigned number belonged to somebody else second hand 二次放号 号码是新办的 "
        "号码被回收 别人的号码 原来的号码 "
        "stolen mobile device sim card change number old phone gone missing "
        "手机丢了 丢失 被偷 遗失 换号 换手机 换手机号 更换手机号 旧手机 补卡",
    ),
    HelpPage(
        "suspicious-record",
        _("Something in my records that was not me"),
        _("Stop it if it can be stopped, and tell us"),
        "shield-alert",
        (_ACTIVITY, _FREEZE, Way(_("Stop a change I was told of"), "security:not_me"), _CENTRE),
        "fraud scam suspicious unknown payment unauthorised unauthorized stolen money hacked "
        "cheated "
        "可疑 不是我 陌生 被盗 盗刷 盗用 诈骗 骗 被骗 不认识 异常 记录",
    ),
    HelpPage(
        "freeze",
        _("Freeze the wallet"),
        _("Money out stops, money in goes on"),
        "freeze",
        (
            _FREEZE,
            _FREEZE_BY_CODE,
            Way(_("Lift the freeze"), "safety:lift"),
            Way(_("Print a new freeze code"), "safety:new_code"),
        ),
        "stop block payments freeze code unfreeze lift emergency "
        "冻结 冻结码 停用 紧急 挂失 解冻 止付",
    ),
    HelpPage(
        "close",
        _("Close the wallet"),
        _("What must be done first, and what is kept"),
        "close",
        (
            Way(_("Close the wallet"), "closing:state"),
            Way(_("Withdraw the balance"), "banking:withdraw"),
        ),
        "delete account cancel terminate leave remove data 注销 销户 关闭 删除 不用了 重新开通",
    ),
    HelpPage(
        "two-factor",
        _("Two-step sign-in"),
        _("Passkeys, authenticator app, recovery codes; a lost device"),
        "shield",
        (Way(_("Two-step sign-in"), "factors:two_factor"),),
        "2fa totp authenticator app second factor recovery code backup passkey "
        "webauthn fingerprint 两步 二次验证 双重验证 双因素 验证器 恢复码 备用码 通行密钥 指纹 面容",
    ),
)


def find_page(slug: str) -> HelpPage | None:
    """The page at this address, if there is one."""
    return next((page for page in PAGES if page.slug == slug), None)
