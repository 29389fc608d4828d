-- The first round trip. {account} is the subject of the verified token.
BEGIN; SET LOCAL ROLE almoner_identity; SET LOCAL app.account = '{account}'
