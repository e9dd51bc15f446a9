"""Django's entry to the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Register the start-up checks of the rooms, the pages on which codes are typed, and
        what can be taken back."""
        from accounts.closing.services import take_up_again
        from accounts.encrypted_columns import register_columns
        from accounts.factors import checks as factor_checks  # noqa: F401
        from accounts.factors.resetting import second_factor
        from accounts.factors.undoing import register_undo
        from accounts.identity.services import when_added
        from accounts.payment_password.second_factor import register_second_factor
        from accounts.personal_columns import register_columns as register_personal
        from accounts.phone import checks  # noqa: F401
        from accounts.phone.pages import register_code_page
        from accounts.phone_change.services import register_undos
        from accounts.security import checks as security_checks  # noqa: F401
        from accounts.support import proposals as support
        from accounts.support import staff_roles

        register_columns()
        register_personal()
        when_added(take_up_again)
        register_undo()
        support.register_all()
        staff_roles.register_all()
        register_undos()
        register_second_factor(second_factor())
        register_code_page("sign_up", "signup:code")
        register_code_page("login_reset", "signin:recover_code")
        register_code_page("payment_password_reset", "payment_password:reset_code")
        register_code_page("case", "cases:contact_code")
        register_code_page("phone_change_old", "phone_change:old")
        register_code_page("phone_change_new", "phone_change:new")
        register_code_page("number_claim", "recycled:code")
        register_code_page("not_me", "security:not_me_code")
        register_code_page("not_me_unknown", "security:not_me_code")
