-- What the same machine could do without the ledger: the same rows in one server-side call, and
-- nothing else. No idempotent replay, no refusal, no lock order, no hot accounts.
CREATE FUNCTION bench_plain_transfer(
    p_debit bigint, p_credit bigint, p_amount bigint
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_entry bigint;
BEGIN
    UPDATE ledger_account SET debits_posted = debits_posted + p_amount WHERE id = p_debit;
    UPDATE ledger_account SET credits_posted = credits_posted + p_amount WHERE id = p_credit;
    INSERT INTO ledger_entry (key, input_digest, event, note, created_at)
    VALUES (gen_random_uuid()::text,
        '0000000000000000000000000000000000000000000000000000000000000000',
        'transfer', '', now())
    RETURNING id INTO v_entry;
    INSERT INTO ledger_posting (entry_id, debit_account_id, credit_account_id, amount_minor)
    VALUES (v_entry, p_debit, p_credit, p_amount);
    RETURN v_entry;
END $$;

-- One row, one commit: what the disk allows a single writer.
CREATE TABLE bench_commits (number integer);
