-- The contracts between councils and practices, and the functions delegated under them.

CREATE TABLE contracts (
    council_id uuid NOT NULL REFERENCES councils,
    contract_id uuid NOT NULL,
    practice_id uuid NOT NULL REFERENCES practices,
    starts_on date NOT NULL,
    ends_on date CHECK (ends_on >= starts_on),
    -- The numbers of working days in which the practice answers a referral and an urgent one, and in which it answers a
    -- complaint.
    response_working_days integer NOT NULL CHECK (response_working_days BETWEEN 1 AND 60),
    urgent_response_working_days integer NOT NULL CHECK (urgent_response_working_days BETWEEN 1 AND response_working_days),
    complaint_response_working_days integer NOT NULL CHECK (complaint_response_working_days BETWEEN 1 AND 125),
    -- The numbers of minutes, within the practice's opening hours, in which a human sees an immediate referral and an urgent one.
    immediate_minutes integer NOT NULL CHECK (immediate_minutes BETWEEN 5 AND 480),
    urgent_minutes integer NOT NULL CHECK (urgent_minutes BETWEEN immediate_minutes AND 2400),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, contract_id),
    UNIQUE (council_id, contract_id, practice_id)
);
-- A practice reads the contracts that it is a party to.
CREATE INDEX contracts_of_a_practice ON contracts (practice_id, council_id);
SELECT app.secure_table('contracts');
CREATE POLICY operator ON contracts TO almoner_operator USING (true);
CREATE POLICY council ON contracts TO almoner_council USING (council_id = app.council());
CREATE POLICY practice ON contracts TO almoner_practice, almoner_intake USING (practice_id = app.practice());
-- The public procedure of a practice names the councils to which one complains about it.
CREATE POLICY directory ON contracts TO almoner_public USING (true);
GRANT SELECT (practice_id, council_id, starts_on, ends_on) ON contracts TO almoner_public;
GRANT SELECT, INSERT ON contracts TO almoner_operator;
GRANT SELECT ON contracts TO almoner_council, almoner_practice, almoner_intake;

-- The functions that a contract delegates (Care Act 2014 s79), each with its first and last day.
CREATE TABLE delegations (
    council_id uuid NOT NULL,
    delegation_id uuid NOT NULL,
    contract_id uuid NOT NULL,
    practice_id uuid NOT NULL,
    function text NOT NULL,
    starts_on date NOT NULL,
    ends_on date CHECK (ends_on >= starts_on),
    PRIMARY KEY (council_id, delegation_id),
    FOREIGN KEY (council_id, contract_id, practice_id) REFERENCES contracts (council_id, contract_id, practice_id)
);
CREATE INDEX delegations_of_a_contract ON delegations (council_id, contract_id, practice_id);
CREATE INDEX delegations_of_a_practice ON delegations (practice_id, council_id, function);
SELECT app.secure_table('delegations');
CREATE POLICY operator ON delegations TO almoner_operator USING (true);
CREATE POLICY council ON delegations TO almoner_council USING (council_id = app.council());
CREATE POLICY practice ON delegations TO almoner_practice USING (practice_id = app.practice());
GRANT SELECT, INSERT ON delegations TO almoner_operator;
GRANT SELECT ON delegations TO almoner_council, almoner_practice;
