//! Tests of reading settings, which do not touch the process's environment.

use super::*;

const KEYS: &str = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----";

/// The settings that `serve` needs, and no more.
const SERVE: [(&str, &str); 3] = [
    ("DATABASE_URL", "postgres://almoner_app:f3c9a1@db/almoner"),
    ("ALMONER_PUBLIC_URL", "https://almoner.example.org/"),
    ("ALMONER_MASTER_KEYS", KEYS),
];

/// Reads settings from these variables, of which a later one wins over an earlier, and from these files.
fn read_with(command: Command, variables: &[(&str, &str)], files: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
    let variables = variables.iter().map(|(name, text)| (OsString::from(name), OsString::from(text)));
    let variables: std::collections::BTreeMap<_, _> = variables.collect();
    read(command, variables, &|path| {
        let file = files.iter().find(|(name, _)| Path::new(name) == path);
        file.map(|(_, text)| (*text).to_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
    })
}

fn serve_and(variables: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
    read_with(Command::Serve, &[&SERVE, variables].concat(), &[])
}

/// The only fault of the settings.
fn fault(result: Result<Config, ConfigFaults>) -> String {
    let faults = result.unwrap_err();
    assert_eq!(faults.faults().len(), 1, "{faults}");
    faults.faults()[0].clone()
}

#[test]
fn what_is_not_given_has_its_default() {
    let config = serve_and(&[]).unwrap();
    assert_eq!(config.public_url, "https://almoner.example.org");
    assert_eq!((config.listen.to_string(), config.metrics_listen.port()), ("127.0.0.1:8080".to_owned(), 9090));
    assert_eq!(config.work_listen, None, "two workers on one machine do not meet");
    assert!(config.database_connections >= 4 && config.keeps_statements);
    assert!(!config.allow_private_providers);
    assert_eq!(config.body_limit, 262_144);
    assert_eq!((config.request_timeout.as_secs(), config.drain.as_secs(), config.shutdown.as_secs()), (15, 5, 20));
    assert_eq!((config.access_token_life.as_secs(), config.session_limits.absolute.num_seconds()), (600, 43_200));
    assert_eq!((config.log.as_str(), config.log_format), ("info", Format::Json));
    assert_eq!(config.master_keys.expose(), KEYS);
}

#[test]
fn a_command_demands_only_what_it_needs() {
    for (command, demanded) in [
        (Command::Serve, &["DATABASE_URL", "ALMONER_PUBLIC_URL", "ALMONER_MASTER_KEYS"][..]),
        (Command::Work, &["DATABASE_URL", "ALMONER_MASTER_KEYS"]),
        (Command::Operator, &["DATABASE_URL", "ALMONER_MASTER_KEYS"]),
        (Command::DemoData, &["DATABASE_URL", "ALMONER_MASTER_KEYS"]),
        (Command::Audit, &["DATABASE_URL", "ALMONER_MASTER_KEYS"]),
        (Command::Documents, &["DATABASE_URL", "ALMONER_MASTER_KEYS"]),
        (Command::Migrate, &["ALMONER_MIGRATE_DATABASE_URL"]),
        (Command::Demo, &[]),
        (Command::Tour, &[]),
        (Command::OpenApi, &[]),
        (Command::Health, &[]),
    ] {
        let faults = read_with(command, &[], &[]).err().map_or_else(Vec::new, |faults| faults.faults().to_vec());
        assert_eq!(faults.len(), demanded.len(), "{faults:?}");
        for name in demanded {
            let needed = format!("{name} is needed by `almoner {command}`");
            assert!(faults.iter().any(|fault| fault.starts_with(&needed)), "{needed}: {faults:?}");
        }
    }
}

#[test]
fn a_command_does_not_read_the_secrets_of_another() {
    let config = read_with(Command::Health, &[("ALMONER_MASTER_KEYS_FILE", "/gone"), SERVE[0]], &[]).unwrap();
    assert!(config.database_url.is_empty() && config.master_keys.is_empty());
    let config = read_with(Command::Work, &SERVE, &[]).unwrap();
    assert!(!config.database_url.is_empty() && !config.master_keys.is_empty());
}

#[test]
fn heads_are_signed_with_a_key_into_a_file_or_not_at_all() {
    let (key, heads) = (("ALMONER_AUDIT_KEY", PEM), ("ALMONER_AUDIT_HEADS", "/heads"));
    let work = |more: &[(&'static str, &'static str)]| read_with(Command::Work, &[&SERVE[..], more].concat(), &[]);
    let both = work(&[key, heads]).unwrap();
    assert_eq!((both.audit_key.expose(), both.audit_heads.as_deref()), (PEM, Some(Path::new("/heads"))));
    assert!(work(&[]).unwrap().audit_key.is_empty());
    for one in [key, heads] {
        let refused = fault(work(&[one]));
        assert_eq!(refused, "ALMONER_AUDIT_KEY and ALMONER_AUDIT_HEADS: give both, or neither");
    }
    assert!(
        read_with(Command::Audit, &[&SERVE[..], &[key]].concat(), &[]).is_ok(),
        "verifying may name the file otherwise"
    );
    assert!(read_with(Command::Serve, &[&SERVE[..], &[key]].concat(), &[]).unwrap().audit_key.is_empty());
}

#[test]
fn documents_are_in_a_directory_or_in_a_bucket_with_all_that_is_needed_there() {
    let (bucket, region) = (("ALMONER_DOCUMENTS", "s3://almoner-documents/live/"), ("ALMONER_S3_REGION", "eu-west-2"));
    let (key, secret) = (("ALMONER_S3_ACCESS_KEY_ID", "AKIA7"), ("ALMONER_S3_SECRET_ACCESS_KEY", "hush"));
    assert!(matches!(serve_and(&[]).unwrap().documents, Documents::Directory(_)));
    for command in [Command::Serve, Command::Work, Command::Documents] {
        let read = |more: &[_]| read_with(command, &[&SERVE[..], more].concat(), &[]);
        let config = read(&[bucket, region, key, secret]).unwrap();
        assert!(matches!(config.documents, Documents::Bucket(_)) && config.documents.open().is_ok());
        assert!(!format!("{config:?}").contains("hush"));
        let missing = read(&[bucket, ("ALMONER_S3_REGION", "eu west")]).unwrap_err();
        let begin = [
            "ALMONER_S3_REGION: expected",
            "ALMONER_S3_ACCESS_KEY_ID is needed",
            "ALMONER_S3_SECRET_ACCESS_KEY is needed",
        ];
        assert_eq!(missing.faults().len(), 3, "{missing}");
        assert!(missing.faults().iter().zip(begin).all(|(fault, begin)| fault.starts_with(begin)), "{missing}");
        let forgotten = read(&[region, key, secret, ("ALMONER_S3_ENDPOINT", "https://s3.example.org")]).unwrap_err();
        assert_eq!(forgotten.faults().len(), 4, "{forgotten}");
    }
    assert!(read_with(Command::Migrate, &[SERVE[0], bucket, secret], &[]).is_ok(), "it stores no documents");

    let fault_of = |name, text| fault(serve_and(&[bucket, region, key, secret, (name, text)]));
    for text in [
        "s3://",
        "s3://ab",
        "s3://Bucket",
        "s3://a..b",
        "s3://bucket-",
        "s3://bucket//x",
        "s3://bucket/../x",
        "http://x",
    ] {
        assert!(fault_of("ALMONER_DOCUMENTS", text).starts_with("ALMONER_DOCUMENTS: expected the path"), "{text}");
    }
    for endpoint in
        ["http://s3.example.org", "s3.example.org", "https://user:hush@s3.example.org", "https://s3.example.org?x"]
    {
        let refused = fault_of("ALMONER_S3_ENDPOINT", endpoint);
        assert!(refused.starts_with("ALMONER_S3_ENDPOINT: expected") && !refused.contains("hush"), "{refused}");
    }
    for endpoint in ["http://127.0.0.1:9000", "https://s3.example.org/"] {
        let config = serve_and(&[bucket, region, key, secret, ("ALMONER_S3_ENDPOINT", endpoint)]).unwrap();
        assert!(config.documents.open().is_ok(), "{endpoint}");
    }
}

#[test]
fn migrate_takes_the_owners_url_and_else_the_other() {
    let owner = ("ALMONER_MIGRATE_DATABASE_URL", "postgres://almoner_owner:77e@db/almoner");
    let url = |variables: &[_]| read_with(Command::Migrate, variables, &[]).unwrap().migrate_database_url;
    assert_eq!(url(&[owner, SERVE[0]]).expose(), owner.1);
    assert_eq!(url(&[SERVE[0]]).expose(), SERVE[0].1);
    assert_eq!(url(&[owner, ("DATABASE_URL", "not read")]).expose(), owner.1);
    assert!(serve_and(&[owner]).unwrap().migrate_database_url.is_empty());
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "database_url = 'postgres:///file'\npublic_url = 'https://file.example.org'\nbody_limit_kib = 64\n\
                allow_private_providers = true\nlog_format = 'text'\nmaster_keys_file = '/keys'";
    let variables = [("ALMONER_CONFIG", "almoner.toml"), SERVE[1], SERVE[2], ("ALMONER_LOG_FORMAT", "json")];
    let config = read_with(Command::Serve, &variables, &[("almoner.toml", file)]).unwrap();
    assert_eq!(config.database_url.expose(), "postgres:///file");
    assert_eq!(config.public_url, "https://almoner.example.org");
    assert_eq!((config.body_limit, config.allow_private_providers), (65_536, true));
    assert_eq!(config.log_format, Format::Json);
    assert_eq!(config.master_keys.expose(), KEYS, "the file's path is not even read");
}

#[test]
fn a_secret_may_come_from_a_file() {
    let variables = [("DATABASE_URL_FILE", "/url"), SERVE[1], ("ALMONER_MASTER_KEYS_FILE", "/keys")];
    let files = [("/keys", &*format!("{KEYS}\n")), ("/url", SERVE[0].1)];
    let config = read_with(Command::Serve, &variables, &files).unwrap();
    assert_eq!((config.master_keys.expose(), config.database_url.expose()), (KEYS, SERVE[0].1));

    let both = fault(serve_and(&[("ALMONER_MASTER_KEYS_FILE", "/keys")]));
    assert_eq!(both, "ALMONER_MASTER_KEYS and ALMONER_MASTER_KEYS_FILE are both given: leave one out");
    let gone = fault(read_with(Command::Serve, &variables, &files[1..]));
    assert_eq!(gone, "ALMONER_MASTER_KEYS_FILE: the file that it names cannot be read: entity not found");
    let empty = fault(read_with(Command::Serve, &variables, &[("/keys", "\n"), files[1]]));
    assert_eq!(empty, "ALMONER_MASTER_KEYS_FILE: the file that it names is empty");
}

#[test]
fn an_unknown_name_is_refused_with_the_nearest_one() {
    assert_eq!(
        fault(serve_and(&[("ALMONER_LISTNE", "x")])),
        "ALMONER_LISTNE is not a setting: did you mean ALMONER_LISTEN?"
    );
    assert_eq!(
        fault(serve_and(&[("ALMONER_DATABASE_URL", "x")])),
        "ALMONER_DATABASE_URL is not a setting: did you mean DATABASE_URL?"
    );
    let files = [("a.toml", "sesion_hours = 3")];
    let variables = [&SERVE[..], &[("ALMONER_CONFIG", "a.toml")]].concat();
    assert_eq!(
        fault(read_with(Command::Serve, &variables, &files)),
        "`sesion_hours` in a.toml is not a setting: did you mean session_hours?"
    );
}

#[test]
fn variables_of_others_are_left_alone() {
    let others = [
        ("ALMONER_PG_BIN", "/usr/bin"),
        ("ALMONER_TEST_POSTGRES", "x"),
        ("ALMONER_SERVICE_HOST", "10.0.0.1"),
        ("ALMONER_SERVICE_PORT_HTTP", "8080"),
        ("ALMONER_PORT", "tcp://10.0.0.1:8080"),
        ("ALMONER_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("PATH", "/usr/bin"),
        ("ALMONER_LOG", ""),
    ];
    assert_eq!(serve_and(&others).unwrap().log, "info", "empty is not given");
    assert!(fault(serve_and(&[("ALMONER_PORT", "8080")])).starts_with("ALMONER_PORT is not a setting"));
}

#[test]
fn a_value_that_cannot_be_read_says_what_is_expected() {
    for (name, text, expected) in [
        ("ALMONER_LISTEN", "8080", "an address and a port"),
        ("ALMONER_METRICS_LISTEN", "127.0.0.1:8080", "two different addresses"),
        ("ALMONER_WORK_LISTEN", "9091", "an address and a port"),
        ("ALMONER_DATABASE_CONNECTIONS", "0", "a whole number from 1 to 1000"),
        ("ALMONER_ALLOW_PRIVATE_PROVIDERS", "yes", "true or false"),
        ("ALMONER_PREPARED_STATEMENTS", "off", "named or none"),
        ("ALMONER_BODY_LIMIT_KIB", "-1", "a whole number from 1 to 65536"),
        ("ALMONER_LIMIT_MEMBER", "600", "how many a minute and how many at once"),
        ("ALMONER_LIMIT_SIGN_IN", "0/1", "how many a minute and how many at once"),
        ("ALMONER_TRUSTED_PROXIES", "proxy", "networks"),
        ("ALMONER_CORS_ORIGINS", "*", "origins"),
        ("ALMONER_SESSION_HOURS", "25", "a whole number from 1 to 24"),
        ("ALMONER_LOG", "almoner=loud", "levels, such as info"),
        ("ALMONER_LOG_FORMAT", "xml", "json or text"),
        ("ALMONER_PUBLIC_URL", "http://almoner.example.org", "https"),
    ] {
        let fault = fault(serve_and(&[(name, text)]));
        assert!(fault.contains(name) && fault.contains(&format!("expected {expected}")), "{fault}");
    }
}

#[test]
fn row_47_all_faults_are_told_at_once_and_no_secret_with_them() {
    let faults = read_with(
        Command::Serve,
        &[
            ("DATABASE_URL", "mysql://hush"),
            ("ALMONER_MASTER_KEYS", "hush"),
            ("ALMONER_LISTEN", "hush"),
            ("ALMONER_LOGS", "hush"),
            ("ALMONER_CONFIG", "a.toml"),
        ],
        &[("a.toml", "log = 1\nmaster_keys = \"hush\nhush\"\n")],
    )
    .unwrap_err();
    assert_eq!(faults.faults().len(), 6, "{faults}");
    assert!(!faults.to_string().contains("hush"), "{faults}");
    assert!(faults.to_string().contains("a.toml: not TOML near line 3"), "{faults}");
    assert!(!format!("{:?}", serve_and(&[]).unwrap()).contains("f3c9a1"));
}

#[test]
fn row_47_secrets_for_demonstrations_are_refused_outside_them() {
    let repeated = "1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    for (name, text) in [
        ("DATABASE_URL", "postgres://almoner_app:almoner@db/almoner"),
        ("DATABASE_URL", "postgres://almoner_app:demo-only-1@db/almoner"),
        ("ALMONER_MASTER_KEYS", "1:demo-only"),
        ("ALMONER_MASTER_KEYS", repeated),
    ] {
        let refused = fault(serve_and(&[(name, text)]));
        assert!(refused.starts_with(name), "{refused}");
        assert!(read_with(Command::Demo, &[(name, text)], &[]).is_ok(), "{name}");
    }
    assert!(serve_and(&[("DATABASE_URL", "postgres:///almoner?host=/run/postgresql")]).is_ok());
}

/// The lines of a file in this repository that give a value, without its comments.
fn lines_of(path: &str, between: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap();
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.trim_start_matches("Environment=").split_once(between));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The names of the settings, and those of files with secrets.
fn is_a_setting(name: &str) -> bool {
    settings::SETTINGS.iter().any(|setting| setting.name == name || setting.secret && setting.file_name() == name)
}

#[test]
fn docker_compose_passes_every_setting_on() {
    let lines = lines_of("docker-compose.yml", ": ");
    let passes = |name: &str, value: &str| lines.iter().any(|line| line.0 == name && line.1.starts_with(value));
    for setting in settings::SETTINGS {
        let name = setting.name;
        let is_passed = if setting.secret {
            let file = setting.file_name();
            passes(&file, "/run/secrets/") || passes(&file, &format!("${{{file}"))
        } else {
            passes(name, &format!("${{{name}"))
        };
        // The image sets the two addresses, and the file has the ports.
        assert!(is_passed || ["ALMONER_LISTEN", "ALMONER_METRICS_LISTEN"].contains(&name), "{name} is not passed on");
    }
    assert_eq!(lines.iter().filter(|line| *line == &("<<".to_owned(), "*settings".to_owned())).count(), 2);
    let unknown: Vec<_> =
        lines.iter().filter(|line| line.0.starts_with("ALMONER_") && !is_a_setting(&line.0)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_units_of_systemd_name_only_settings() {
    for (unit, secrets) in [("serve", 2), ("work", 3)] {
        let lines = lines_of(&format!("deploy/systemd/almoner-{unit}.service"), "=");
        let given: Vec<_> =
            lines.iter().filter(|line| line.0.starts_with("ALMONER_") || line.0.starts_with("DATABASE_")).collect();
        assert!(given.iter().all(|line| is_a_setting(&line.0)), "{given:?}");
        let credentials = lines.iter().filter(|line| line.0 == "LoadCredential");
        for credential in credentials.clone().map(|line| line.1.split(':').next().unwrap()) {
            assert!(given.iter().any(|line| line.1 == format!("%d/{credential}")), "{credential} is not used");
        }
        assert_eq!(credentials.count(), secrets, "{unit}");
        let listens = given.iter().any(|line| line.0 == "ALMONER_WORK_LISTEN");
        assert_eq!(listens, unit == "work", "the worker can be monitored");
    }
}
