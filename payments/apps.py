"""Django's entry to the app."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        """Make the kinds of payment known, room by room, in the order in which they are listed."""
        from accounts.cases.payments import register_payments
        from accounts.centre.rows import Where, register_rows
        from accounts.guiding.facts import register_source as register_facts
        from accounts.guiding.places import register_places
        from accounts.phone.pages import register_code_page
        from accounts.support.high_value import register_rule
        from accounts.support.questions import register_source
        from ledger.admin import register_gate, register_private
        from payments.adjustments import proposals as adjustments
        from payments.adjustments.services import register_kind as register_adjustments
        from payments.banking import kinds as banking
        from payments.banking.drafts import draft_page
        from payments.banking.services import register_undo as register_card_undo
        from payments.encrypted_columns import register_columns
        from payments.granting import proposals as granting
        from payments.personal_columns import register_columns as register_personal
        from payments.processing.new_payees import register_promises
        from payments.processing.selectors import is_payment_of
        from payments.proving import rules
        from payments.proving.pages import proof_page
        from payments.proving.services import PURPOSE as PAYMENT_PROOF
        from payments.records import centre
        from payments.records.guided import PLACES, facts_for_helper
        from payments.records.questions import questions_about
        from payments.safety import proposals as safety
        from payments.transfers import kinds as transfers
        from payments.transfers.batch import selectors as batches
        from payments.transfers.standing_orders import selectors as plans
        from payments.transfers.unclaimed import kinds as unclaimed
        from payments.wallets import own_limits
        from payments.wallets.high_value import is_high_value
        from payments.wallets.looking import gate_books, is_wallet_account

        register_columns()
        register_personal()
        register_payments(is_payment_of)
        register_code_page("card_link", draft_page)
        register_code_page("unfreeze", "safety:lift_code")
        safety.register_all()
        adjustments.register_all()
        granting.register_all()
        register_adjustments()
        register_source(questions_about)
        register_facts(facts_for_helper)
        register_gate(gate_books)
        register_private(is_wallet_account)
        register_rule(is_high_value)
        register_places(PLACES)
        register_rows(Where.NOW, centre.worth_doing)
        register_rows(Where.WAYS, centre.ways_to_pay)
        register_rows(Where.FROZEN, centre.freezes)
        register_code_page(PAYMENT_PROOF, proof_page)
        register_promises(batches.promised_to)
        register_promises(plans.promised_to)
        own_limits.register_undo()
        rules.register_undo()
        register_card_undo()
        transfers.register_kinds()
        banking.register_kinds()
        unclaimed.register_kinds()
