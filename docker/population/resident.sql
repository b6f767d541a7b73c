-- The population library's table as the connector reads it: the resident row, one column for each field.
-- A city with a table of its own keeps it, and describes it to Unasked by a source mapping.
CREATE TABLE resident (
    resident_id text PRIMARY KEY,
    name text,
    id_number text,
    phone text,
    email text,
    address text,
    sex text,
    birth_date date,
    birth_status text,
    death_date date,
    status text,
    merged_into text,
    residence text,
    district text,
    street text,
    community text,
    dwelling text,
    school_zone text,
    moved_in_on date,
    hukou_on date,
    household_id text,
    guardian_id text,
    marital text,
    disability text,
    schooling text,
    employment text,
    senior_card_on date,
    protected boolean,
    preferred_channel text,
    opted_out boolean,
    updated_at timestamptz NOT NULL DEFAULT now()
);
-- Without it an update has no `before`, and a long column that did not change arrives as a marker instead of its value.
ALTER TABLE resident REPLICA IDENTITY FULL;
