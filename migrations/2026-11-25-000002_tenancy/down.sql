DROP TABLE onboarding_items, teams, opening_hours, practice_districts, practice_capacity, practices, reorganised_codes, reorganisations, former_council_details, councils;
