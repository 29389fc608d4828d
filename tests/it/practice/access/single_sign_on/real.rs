//! A real provider, `oidc-provider` from npm, on the loopback address, and the browser that signs in there.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::{fs, io};

use almoner_demo::web::{Answer, Web};
use almoner_tests::log;

use super::{CLIENT, FRONTEND, SECRET};

/// A provider that ends with this process.
struct Real {
    issuer: String,
    _child: Child,
}

/// The issuer of the first or the second provider. `None` where the provider cannot be installed: the test is skipped.
pub(super) fn issuer(second: bool) -> Option<&'static str> {
    static PROVIDERS: [OnceLock<Result<Real, String>>; 2] = [OnceLock::new(), OnceLock::new()];
    match PROVIDERS[usize::from(second)].get_or_init(start) {
        Ok(real) => Some(&real.issuer),
        Err(why) => {
            log::skipped(&format!("no OpenID Connect provider to test with: {why}"));
            None
        }
    }
}

fn start() -> Result<Real, String> {
    let folder = packages()?;
    let failed = |error: io::Error| format!("node: {error}");
    let mut child = Command::new("node")
        .args(["provider.mjs", CLIENT, SECRET, FRONTEND])
        .current_dir(folder)
        // The provider ends when this end is closed, as it is when this process ends.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let mut issuer = String::new();
    let output = child.stdout.take().ok_or("no output")?;
    BufReader::new(output).read_line(&mut issuer).map_err(failed)?;
    let issuer = issuer.trim().to_owned();
    if issuer.is_empty() { Err("node ended at once".to_owned()) } else { Ok(Real { issuer, _child: child }) }
}

/// The folder with the provider's packages, which are installed once, beside what cargo builds.
fn packages() -> Result<&'static Path, String> {
    static FOLDER: OnceLock<Result<std::path::PathBuf, String>> = OnceLock::new();
    let install = || {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (from, to) = (here.join("single-sign-on"), here.join("../target/single-sign-on"));
        let copy = |name: &str| fs::copy(from.join(name), to.join(name)).map_err(|error| format!("{name}: {error}"));
        fs::create_dir_all(&to).map_err(|error| error.to_string())?;
        let locked = fs::read(from.join("package-lock.json")).map_err(|error| error.to_string())?;
        let installed = to.join("node_modules/.installed");
        if fs::read(&installed).ok() != Some(locked.clone()) {
            copy("package.json")?;
            copy("package-lock.json")?;
            let npm = Command::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(&to)
                .output()
                .map_err(|error| format!("npm: {error}"))?;
            if !npm.status.success() {
                return Err(format!("npm ci: {}", String::from_utf8_lossy(&npm.stderr)));
            }
            fs::write(&installed, locked).map_err(|error| error.to_string())?;
        }
        copy("provider.mjs")?;
        Ok(to)
    };
    FOLDER.get_or_init(install).as_deref().map_err(Clone::clone)
}

/// Follows the address, signs in there as this login, and returns the query with which the browser comes back.
pub(super) fn visit(authorization_url: &str, login: &str) -> BTreeMap<String, String> {
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let mut url = authorization_url.to_owned();
    for _ in 0..10 {
        let cookie = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let headers = [("cookie", cookie.as_str())];
        let form = format!("login={}", login.replace('+', "%2B"));
        let at_login = url.contains("/login/");
        let content = at_login.then_some(("application/x-www-form-urlencoded", form.as_bytes()));
        let answer = Web::new(&url)
            .send(if at_login { "POST" } else { "GET" }, "", &headers, content)
            .unwrap_or_else(|error| panic!("{url}: {error}"));
        take_cookies(&mut cookies, &answer);
        let location = answer.header("location").unwrap_or_else(|| panic!("{url}: {} {}", answer.status, answer.body));
        if let Some(query) = location.strip_prefix(FRONTEND) {
            let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
            return pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        }
        let origin = url.split('/').take(3).collect::<Vec<_>>().join("/");
        url = if location.starts_with('/') { format!("{origin}{location}") } else { location.to_owned() };
    }
    panic!("the provider sends in circles");
}

fn take_cookies(cookies: &mut BTreeMap<String, String>, answer: &Answer) {
    for (_, value) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
        if let Some((name, value)) = value.split(';').next().and_then(|cookie| cookie.split_once('=')) {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
