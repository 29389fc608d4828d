-- The role of the practice door with its settings. The placeholders are identifiers that the database has given.
SET LOCAL ROLE almoner_practice; SET LOCAL app.practice = '{practice}'; SET LOCAL app.staff = '{staff}'; SET LOCAL app.open_teams = '{teams}'; SET LOCAL app.open_people = '{people}'; SET LOCAL app.open_complaints = '{}'; SET LOCAL app.excluded_from = '{excluded}'
