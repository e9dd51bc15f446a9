-- The books' own functions: one call, one round trip, one decision.
--
-- They return a status and never let an exception out for a refusal, so the caller's transaction
-- stays usable: the inner block is a subtransaction that takes back what a refused call had begun.
-- Statuses: posted, replay, conflict, reversed, insufficient, cap, closed, missing, currency;
-- for holds also placed, resolved, ended, late.
--
-- Order of work, the same in every function, so that no two calls wait for each other in a ring:
-- own transaction number (see ledger/seals.py), then the key, then the accounts in id order.

-- Add what waits in a hot account's queue to its counters, under its lock.
CREATE OR REPLACE FUNCTION ledger_fold(p_account bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_rows bigint;
    v_sum bigint;
BEGIN
    PERFORM 1 FROM ledger_account WHERE id = p_account FOR NO KEY UPDATE;
    WITH gone AS (
        DELETE FROM ledger_unfolded_increase WHERE account_id = p_account RETURNING amount_minor
    )
    SELECT count(*), coalesce(sum(amount_minor), 0) INTO v_rows, v_sum FROM gone;
    IF v_rows > 0 THEN
        UPDATE ledger_account
        SET debits_posted = debits_posted
                + CASE WHEN kind IN ('asset', 'expense') THEN v_sum ELSE 0 END,
            credits_posted = credits_posted
                + CASE WHEN kind IN ('asset', 'expense') THEN 0 ELSE v_sum END
        WHERE id = p_account;
    END IF;
    RETURN v_rows;
END $$;

-- Change an account that the plain UPDATE of ledger_change did not find: it is hot, closed or none.
CREATE OR REPLACE FUNCTION ledger_change_hot(
    p_account bigint, p_debits bigint, p_credits bigint,
    p_debits_pending bigint, p_credits_pending bigint
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_currency text;
    v_is_debit_normal boolean;
    v_is_closed boolean;
    v_increase bigint;
BEGIN
    -- The weakest lock that still makes close_account wait: appenders do not wait for each other,
    -- nor for a fold.
    SELECT currency, kind IN ('asset', 'expense'), closed_at IS NOT NULL
    INTO v_currency, v_is_debit_normal, v_is_closed
    FROM ledger_account WHERE id = p_account FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'missing' USING ERRCODE = 'LG001';
    ELSIF v_is_closed THEN
        RAISE EXCEPTION 'closed' USING ERRCODE = 'LG001';
    END IF;
    IF v_is_debit_normal THEN
        v_increase := p_debits;
        p_debits_pending := 0;  -- incoming holds are not counted on hot accounts
    ELSE
        v_increase := p_credits;
        p_credits_pending := 0;
    END IF;
    IF p_debits + p_credits - v_increase = 0 AND p_debits_pending = 0 AND p_credits_pending = 0
    THEN
        -- Only an increase: append.
        IF v_increase > 0 THEN
            INSERT INTO ledger_unfolded_increase (account_id, amount_minor)
            VALUES (p_account, v_increase);
        END IF;
        RETURN v_currency;
    END IF;
    PERFORM ledger_fold(p_account);
    UPDATE ledger_account
    SET debits_posted = debits_posted + p_debits,
        credits_posted = credits_posted + p_credits,
        debits_pending = debits_pending + p_debits_pending,
        credits_pending = credits_pending + p_credits_pending
    WHERE id = p_account;
    RETURN v_currency;
END $$;

-- Change an account's counters; the table's CHECKs say no to an overdraft or a broken cap.
-- Returns the account's currency.
CREATE OR REPLACE FUNCTION ledger_change(
    p_account bigint, p_debits bigint, p_credits bigint,
    p_debits_pending bigint, p_credits_pending bigint
) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_currency text;
BEGIN
    UPDATE ledger_account
    SET debits_posted = debits_posted + p_debits,
        credits_posted = credits_posted + p_credits,
        debits_pending = debits_pending + p_debits_pending,
        credits_pending = credits_pending + p_credits_pending
    WHERE id = p_account AND NOT is_hot AND closed_at IS NULL
    RETURNING currency INTO v_currency;
    IF FOUND THEN
        RETURN v_currency;
    END IF;
    RETURN ledger_change_hot(
        p_account, p_debits, p_credits, p_debits_pending, p_credits_pending
    );
END $$;

-- What a violated constraint means to a caller; empty when it is none of ours.
CREATE OR REPLACE FUNCTION ledger_status_of(p_constraint text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_constraint
        WHEN 'ledger_account_never_overdrawn' THEN 'insufficient'
        WHEN 'ledger_account_within_cap' THEN 'cap'
        WHEN 'ledger_entry_reversed_once' THEN 'reversed'
        ELSE ''
    END
$$;

-- Book one entry. The heart of the wallet.
CREATE OR REPLACE FUNCTION ledger_post_entry(
    p_key text, p_digest text, p_event text, p_note text, p_reverses bigint, p_now timestamptz,
    p_debits bigint[], p_credits bigint[], p_amounts bigint[],
    OUT o_status text, OUT o_account bigint, OUT o_entry bigint
)
LANGUAGE plpgsql AS $$
DECLARE
    v_amount bigint;
    v_one text;
    v_other text;
    v_constraint text;
    v_digest text;
    v_row record;
BEGIN
    PERFORM pg_current_xact_id();
    BEGIN
        INSERT INTO ledger_entry (key, input_digest, event, note, reverses_id, created_at)
        VALUES (p_key, p_digest, p_event, p_note, p_reverses, p_now)
        RETURNING id INTO o_entry;
        IF cardinality(p_amounts) = 1 THEN
            v_amount := p_amounts[1];
            IF p_debits[1] < p_credits[1] THEN
                o_account := p_debits[1];
                v_one := ledger_change(o_account, v_amount, 0, 0, 0);
                o_account := p_credits[1];
                v_other := ledger_change(o_account, 0, v_amount, 0, 0);
            ELSE
                o_account := p_credits[1];
                v_one := ledger_change(o_account, 0, v_amount, 0, 0);
                o_account := p_debits[1];
                v_other := ledger_change(o_account, v_amount, 0, 0, 0);
            END IF;
            IF v_one <> v_other THEN
                RAISE EXCEPTION 'currency' USING ERRCODE = 'LG001';
            END IF;
            INSERT INTO ledger_posting (entry_id, debit_account_id, credit_account_id, amount_minor)
            VALUES (o_entry, p_debits[1], p_credits[1], v_amount);
        ELSE
            FOR v_row IN
                SELECT side.account, sum(side.debit)::bigint AS debits,
                    sum(side.credit)::bigint AS credits
                FROM unnest(p_debits, p_credits, p_amounts) AS pair (debit, credit, amount)
                CROSS JOIN LATERAL (
                    VALUES (pair.debit, pair.amount, 0), (pair.credit, 0, pair.amount)
                ) AS side (account, debit, credit)
                GROUP BY side.account ORDER BY side.account
            LOOP
                o_account := v_row.account;
                PERFORM ledger_change(o_account, v_row.debits, v_row.credits, 0, 0);
            END LOOP;
            IF EXISTS (
                SELECT FROM unnest(p_debits, p_credits) AS pair (debit, credit)
                JOIN ledger_account AS one ON one.id = pair.debit
                JOIN ledger_account AS other ON other.id = pair.credit
                WHERE one.currency <> other.currency
            ) THEN
                RAISE EXCEPTION 'currency' USING ERRCODE = 'LG001';
            END IF;
            INSERT INTO ledger_posting (entry_id, debit_account_id, credit_account_id, amount_minor)
            SELECT o_entry, pair.debit, pair.credit, pair.amount
            FROM unnest(p_debits, p_credits, p_amounts) AS pair (debit, credit, amount);
        END IF;
        o_status := 'posted';
    EXCEPTION
        WHEN SQLSTATE 'LG001' THEN
            o_status := SQLERRM;
        WHEN check_violation OR unique_violation THEN
            GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
            IF v_constraint = 'ledger_entry_key_unique' THEN
                SELECT id, input_digest INTO o_entry, v_digest
                FROM ledger_entry WHERE key = p_key;
                o_status := CASE WHEN v_digest = p_digest THEN 'replay' ELSE 'conflict' END;
            ELSE
                o_status := ledger_status_of(v_constraint);
                IF o_status = '' THEN
                    RAISE;
                END IF;
            END IF;
    END;
END $$;

-- Book many entries, all or none, with a fixed number of statements.
-- p_draft says for each posting to which draft (counted from 1) it belongs.
CREATE OR REPLACE FUNCTION ledger_post_entries(
    p_keys text[], p_digests text[], p_events text[], p_notes text[], p_reverses bigint[],
    p_now timestamptz, p_draft integer[], p_debits bigint[], p_credits bigint[],
    p_amounts bigint[],
    OUT o_status text, OUT o_account bigint, OUT o_draft bigint,
    OUT o_entries bigint[], OUT o_booked_at timestamptz[], OUT o_replays boolean[]
)
LANGUAGE plpgsql AS $$
DECLARE
    v_sequence regclass := pg_get_serial_sequence('ledger_entry', 'id');
    v_drawn bigint[];
    v_fresh bigint[];
    v_constraint text;
    v_accounts bigint[];
    v_debits bigint[];
    v_credits bigint[];
    v_row record;
    v_is_all_fresh boolean;
BEGIN
    PERFORM pg_current_xact_id();
    BEGIN
        v_drawn := ARRAY(
            SELECT nextval(v_sequence) FROM generate_series(1, cardinality(p_keys))
        );
        WITH fresh AS (
            INSERT INTO ledger_entry (id, key, input_digest, event, note, reverses_id, created_at)
            SELECT draft.id, draft.key, draft.digest, draft.event, draft.note, draft.reverses, p_now
            FROM unnest(v_drawn, p_keys, p_digests, p_events, p_notes, p_reverses)
                AS draft (id, key, digest, event, note, reverses)
            ON CONFLICT (key) DO NOTHING RETURNING id
        )
        SELECT array_agg(id) INTO v_fresh FROM fresh;
        v_is_all_fresh := coalesce(cardinality(v_fresh), 0) = cardinality(p_keys);
        IF v_is_all_fresh THEN
            o_entries := v_drawn;
        ELSE
            SELECT array_agg(entry.id ORDER BY draft.place),
                array_agg(entry.created_at ORDER BY draft.place),
                array_agg(fresh.id IS NULL ORDER BY draft.place),
                min(draft.place) FILTER (WHERE entry.input_digest <> draft.digest)
            INTO o_entries, o_booked_at, o_replays, o_draft
            FROM unnest(p_keys, p_digests) WITH ORDINALITY AS draft (key, digest, place)
            JOIN ledger_entry AS entry ON entry.key = draft.key
            LEFT JOIN unnest(v_fresh) AS fresh (id) ON fresh.id = entry.id;
            IF o_draft IS NOT NULL THEN
                RAISE EXCEPTION 'conflict' USING ERRCODE = 'LG001';
            END IF;
            -- Keep only the postings of drafts that are new, each once.
            SELECT array_agg(pair.draft), array_agg(pair.debit), array_agg(pair.credit),
                array_agg(pair.amount)
            INTO p_draft, p_debits, p_credits, p_amounts
            FROM unnest(p_draft, p_debits, p_credits, p_amounts)
                AS pair (draft, debit, credit, amount)
            JOIN unnest(v_fresh) AS fresh (id) ON fresh.id = v_drawn[pair.draft];
        END IF;
        SELECT array_agg(total.account ORDER BY total.account),
            array_agg(total.debits ORDER BY total.account),
            array_agg(total.credits ORDER BY total.account)
        INTO v_accounts, v_debits, v_credits
        FROM (
            SELECT account, sum(debit)::bigint AS debits, sum(credit)::bigint AS credits
            FROM (
                SELECT unnest(p_debits) AS account, unnest(p_amounts) AS debit, 0 AS credit
                UNION ALL
                SELECT unnest(p_credits), 0, unnest(p_amounts)
            ) AS side GROUP BY account
        ) AS total;
        PERFORM ledger_change_many(v_accounts, v_debits, v_credits);
        IF EXISTS (
            SELECT FROM unnest(p_debits, p_credits) AS pair (debit, credit)
            JOIN ledger_account AS one ON one.id = pair.debit
            JOIN ledger_account AS other ON other.id = pair.credit
            WHERE one.currency <> other.currency
        ) THEN
            RAISE EXCEPTION 'currency' USING ERRCODE = 'LG001';
        END IF;
        INSERT INTO ledger_posting (entry_id, debit_account_id, credit_account_id, amount_minor)
        SELECT entry.id, pair.debit, pair.credit, pair.amount
        FROM unnest(p_draft, p_debits, p_credits, p_amounts) WITH ORDINALITY
            AS pair (draft, debit, credit, amount, place)
        JOIN unnest(v_drawn) WITH ORDINALITY AS entry (id, draft) ON entry.draft = pair.draft
        ORDER BY pair.place;
        o_status := CASE WHEN v_is_all_fresh THEN 'posted' ELSE 'mixed' END;
    EXCEPTION
        WHEN SQLSTATE 'LG001' THEN
            o_status := SQLERRM;
            GET STACKED DIAGNOSTICS v_constraint = PG_EXCEPTION_DETAIL;
            o_account := nullif(v_constraint, '')::bigint;
        WHEN check_violation OR unique_violation THEN
            GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
            o_status := ledger_status_of(v_constraint);
            IF o_status = '' THEN
                RAISE;
            END IF;
            -- The statement does not say which row it was; ask again, in id order.
            SELECT account.id INTO o_account
            FROM unnest(v_accounts, v_debits, v_credits) AS total (id, debits, credits)
            JOIN ledger_account AS account USING (id)
            WHERE ledger_breaks(account, total.debits, total.credits) = o_status
            ORDER BY account.id LIMIT 1;
    END;
END $$;

-- Which CHECK an account would break after these postings; empty when none.
CREATE OR REPLACE FUNCTION ledger_breaks(
    p_account ledger_account, p_debits bigint, p_credits bigint
) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN balance.posted - balance.going < 0 THEN 'insufficient'
        WHEN balance.posted + balance.coming > p_account.balance_cap_minor THEN 'cap'
        ELSE ''
    END
    FROM (
        SELECT
            (p_account.debits_posted + p_debits - p_account.credits_posted - p_credits)
                * CASE WHEN p_account.kind IN ('asset', 'expense') THEN 1 ELSE -1 END AS posted,
            CASE WHEN p_account.kind IN ('asset', 'expense')
                THEN p_account.credits_pending ELSE p_account.debits_pending END AS going,
            CASE WHEN p_account.kind IN ('asset', 'expense')
                THEN p_account.debits_pending ELSE p_account.credits_pending END AS coming
    ) AS balance
$$;

-- ledger_change for many accounts (sorted by id): locks in id order, then one UPDATE.
CREATE OR REPLACE FUNCTION ledger_change_many(
    p_accounts bigint[], p_debits bigint[], p_credits bigint[]
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_found bigint;
    v_closed bigint;
    v_plain bigint;
    v_row record;
BEGIN
    IF p_accounts IS NULL THEN
        RETURN;
    END IF;
    -- A hot account that only grows is not locked here.
    SELECT count(*), min(locked.id) FILTER (WHERE locked.closed_at IS NOT NULL),
        count(*) FILTER (WHERE NOT locked.is_hot)
    INTO v_found, v_closed, v_plain
    FROM (
        SELECT account.id, account.closed_at, account.is_hot
        FROM ledger_account AS account
        JOIN unnest(p_accounts, p_debits, p_credits) AS total (id, debits, credits) USING (id)
        WHERE NOT account.is_hot
            OR CASE WHEN account.kind IN ('asset', 'expense')
                THEN total.credits ELSE total.debits END > 0
        ORDER BY account.id
        FOR NO KEY UPDATE OF account
    ) AS locked;
    IF v_closed IS NOT NULL THEN
        RAISE EXCEPTION 'closed' USING ERRCODE = 'LG001', DETAIL = v_closed::text;
    END IF;
    UPDATE ledger_account AS account
    SET debits_posted = account.debits_posted + total.debits,
        credits_posted = account.credits_posted + total.credits
    FROM unnest(p_accounts, p_debits, p_credits) AS total (id, debits, credits)
    WHERE account.id = total.id AND NOT account.is_hot;
    IF v_plain = cardinality(p_accounts) THEN
        RETURN;
    END IF;
    FOR v_row IN
        SELECT total.id, total.debits, total.credits, account.id IS NULL AS is_missing,
            account.closed_at IS NOT NULL AS is_closed
        FROM unnest(p_accounts, p_debits, p_credits) AS total (id, debits, credits)
        LEFT JOIN ledger_account AS account USING (id)
        WHERE account.id IS NULL OR account.is_hot
        ORDER BY total.id
    LOOP
        IF v_row.is_missing OR v_row.is_closed THEN
            RAISE EXCEPTION '%', CASE WHEN v_row.is_missing THEN 'missing' ELSE 'closed' END
                USING ERRCODE = 'LG001', DETAIL = v_row.id::text;
        END IF;
        PERFORM ledger_change_hot(v_row.id, v_row.debits, v_row.credits, 0, 0);
    END LOOP;
END $$;

-- Change both sides of a hold, in id order.
CREATE OR REPLACE FUNCTION ledger_change_pair(
    p_debit bigint, p_credit bigint, p_posted bigint, p_pending bigint
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_one text;
    v_other text;
    v_at bigint;
    v_constraint text;
BEGIN
    v_at := p_debit;
    IF p_debit < p_credit THEN
        v_one := ledger_change(p_debit, p_posted, 0, p_pending, 0);
        v_at := p_credit;
        v_other := ledger_change(p_credit, 0, p_posted, 0, p_pending);
    ELSE
        v_at := p_credit;
        v_other := ledger_change(p_credit, 0, p_posted, 0, p_pending);
        v_at := p_debit;
        v_one := ledger_change(p_debit, p_posted, 0, p_pending, 0);
    END IF;
    IF v_one <> v_other THEN
        RAISE EXCEPTION 'currency' USING ERRCODE = 'LG001';
    END IF;
EXCEPTION
    WHEN SQLSTATE 'LG001' THEN
        RAISE EXCEPTION '%', SQLERRM USING ERRCODE = 'LG001', DETAIL = v_at::text;
    WHEN check_violation THEN
        GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
        IF ledger_status_of(v_constraint) = '' THEN
            RAISE;
        END IF;
        RAISE EXCEPTION '%', ledger_status_of(v_constraint)
            USING ERRCODE = 'LG001', DETAIL = v_at::text;
END $$;

-- Reserve money.
CREATE OR REPLACE FUNCTION ledger_place_hold(
    p_key text, p_digest text, p_debit bigint, p_credit bigint, p_amount bigint,
    p_expires_at timestamptz, p_now timestamptz,
    OUT o_status text, OUT o_account bigint, OUT o_hold bigint, OUT o_placed_at timestamptz
)
LANGUAGE plpgsql AS $$
DECLARE
    v_detail text;
    v_digest text;
BEGIN
    PERFORM pg_current_xact_id();
    BEGIN
        INSERT INTO ledger_hold (key, input_digest, debit_account_id, credit_account_id,
            amount_minor, expires_at, created_at)
        VALUES (p_key, p_digest, p_debit, p_credit, p_amount, p_expires_at, p_now)
        RETURNING id INTO o_hold;
        PERFORM ledger_change_pair(p_debit, p_credit, 0, p_amount);
        o_status := 'placed';
        o_placed_at := p_now;
    EXCEPTION
        WHEN SQLSTATE 'LG001' THEN
            o_status := SQLERRM;
            GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
            o_account := nullif(v_detail, '')::bigint;
        WHEN unique_violation THEN
            SELECT id, input_digest, created_at INTO o_hold, v_digest, o_placed_at
            FROM ledger_hold WHERE key = p_key;
            o_status := CASE WHEN v_digest = p_digest THEN 'replay' ELSE 'conflict' END;
    END;
END $$;

-- End a hold: release it, and book what is captured.
CREATE OR REPLACE FUNCTION ledger_resolve_hold(
    p_hold bigint, p_outcome text, p_captured bigint, p_key text, p_digest text, p_event text,
    p_note text, p_now timestamptz,
    OUT o_status text, OUT o_account bigint, OUT o_resolution bigint, OUT o_entry bigint
)
LANGUAGE plpgsql AS $$
DECLARE
    v_hold ledger_hold;
    v_detail text;
BEGIN
    PERFORM pg_current_xact_id();
    SELECT * INTO STRICT v_hold FROM ledger_hold WHERE id = p_hold;
    IF p_outcome = 'captured' AND p_now >= v_hold.expires_at THEN
        o_status := CASE WHEN EXISTS (
            SELECT FROM ledger_hold_resolution WHERE hold_id = p_hold
        ) THEN 'ended' ELSE 'late' END;
        RETURN;
    END IF;
    BEGIN
        IF p_outcome = 'captured' THEN
            INSERT INTO ledger_entry (key, input_digest, event, note, created_at)
            VALUES (p_key, p_digest, p_event, p_note, p_now)
            RETURNING id INTO o_entry;
            INSERT INTO ledger_posting (entry_id, debit_account_id, credit_account_id, amount_minor)
            VALUES (o_entry, v_hold.debit_account_id, v_hold.credit_account_id, p_captured);
        END IF;
        INSERT INTO ledger_hold_resolution (hold_id, key, outcome, captured_minor, entry_id,
            created_at)
        VALUES (p_hold, p_key, p_outcome, p_captured, o_entry, p_now)
        RETURNING id INTO o_resolution;
        PERFORM ledger_change_pair(
            v_hold.debit_account_id, v_hold.credit_account_id, p_captured, -v_hold.amount_minor
        );
        o_status := 'resolved';
    EXCEPTION
        WHEN SQLSTATE 'LG001' THEN
            o_status := SQLERRM;
            GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
            o_account := nullif(v_detail, '')::bigint;
        WHEN unique_violation THEN
            o_status := CASE WHEN EXISTS (
                SELECT FROM ledger_hold_resolution WHERE hold_id = p_hold
            ) THEN 'ended' ELSE 'conflict' END;
    END;
END $$;
