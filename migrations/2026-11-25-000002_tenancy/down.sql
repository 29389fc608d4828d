DROP TABLE onboarding_items, teams, practice_districts, practice_capacity, practices, councils;
