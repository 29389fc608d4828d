//! Who runs a partner app: no practice, nor anybody who controls one. Nobody complains about a practice through its own app.

use crate::fault::Fault;
use crate::staff::meant::same_name;
use crate::words::name_keys::words;
use crate::words::text::Line;
use crate::words::web_address::WebAddress;

/// The most names of those who control whoever runs an app.
pub const MOST_CONTROLLERS: usize = 20;

/// The words that say what kind of body somebody is, by which no two bodies differ.
const KINDS_OF_BODY: [&str; 12] =
    ["the", "limited", "ltd", "llp", "plc", "cic", "cio", "community", "interest", "company", "charity", "uk"];

/// A partner app as it is to be registered.
#[derive(Clone, Copy, Debug)]
pub struct App<'a> {
    /// The name of the app.
    pub name: &'a str,
    /// Whoever runs it.
    pub run_by: &'a str,
    /// Those who own or manage whoever runs it.
    pub controlled_by: &'a [Line<200>],
    /// Where it is found.
    pub website: Option<&'a WebAddress>,
}

/// The practices of this service, and those who control them.
#[derive(Clone, Debug, Default)]
pub struct Controlled {
    /// The names of the practices, and those by which they go in addresses.
    pub practices: Vec<String>,
    /// The names of their owners.
    pub owners: Vec<String>,
    /// The domains of their owners' email addresses.
    pub domains: Vec<String>,
}

impl App<'_> {
    /// Returns what says that a practice runs the app, or somebody who controls one.
    pub fn faults(&self, known: &Controlled) -> Vec<Fault> {
        let mut faults = Vec::new();
        if known.names_a_practice(self.name) {
            faults.push(Fault::new(
                "/name",
                "is the name of a practice that uses the service: nobody complains through its own app",
            ));
        }
        let who = std::iter::once(("/run_by".to_owned(), self.run_by));
        let controllers = self.controlled_by.iter().enumerate();
        let who = who.chain(controllers.map(|(n, name)| (format!("/controlled_by/{n}"), name.as_str())));
        for (pointer, name) in who {
            if known.names_a_practice(name) {
                faults.push(Fault::new(
                    pointer,
                    "is a practice that uses the service: it runs no app, and controls nobody who does",
                ));
            } else if known.owners.iter().any(|owner| same_name(name, owner)) {
                faults.push(Fault::new(
                    pointer,
                    "is the name of an owner of a practice: they run no app, and control nobody who does",
                ));
            }
        }
        if self.website.is_some_and(|page| known.domains.iter().any(|domain| page.is_at(domain))) {
            faults.push(Fault::new("/website", "lies at the domain of an owner of a practice"));
        }
        faults
    }
}

impl Controlled {
    /// Whether a name has the name of a practice in it, however its words are run together. A name of one word is compared whole: it may
    /// be that of a river.
    fn names_a_practice(&self, name: &str) -> bool {
        let said = own_words(name);
        self.practices.iter().map(|practice| own_words(practice)).any(|practice| match practice.len() {
            0 => false,
            1 => said.concat() == practice.concat(),
            _ => has_run(&said, &practice.concat()),
        })
    }
}

/// The words of a name, but those that say what kind of body it is.
fn own_words(name: &str) -> Vec<String> {
    words(name).into_iter().filter(|word| !KINDS_OF_BODY.contains(&word.as_str())).collect()
}

/// Whether neighbouring words, run together, are this.
fn has_run(said: &[String], sought: &str) -> bool {
    (0..said.len()).any(|from| {
        let mut rest = sought;
        for word in &said[from..] {
            match rest.strip_prefix(word.as_str()) {
                Some("") => return true,
                Some(more) => rest = more,
                None => return false,
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Controlled {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Controlled {
            practices: owned(&["Severn Social Work Ltd", "severn-social-work", "Teme"]),
            owners: owned(&["Amara Okafor"]),
            domains: owned(&["severn.example"]),
        }
    }

    fn faults(name: &str, run_by: &str, controlled_by: &[&str], website: Option<&str>) -> Vec<String> {
        let controlled_by: Vec<Line<200>> = controlled_by.iter().map(|name| name.parse().unwrap()).collect();
        let website = website.map(|page| page.parse().unwrap());
        let app = App { name, run_by, controlled_by: &controlled_by, website: website.as_ref() };
        app.faults(&known()).into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn no_practice_runs_an_app_however_its_name_is_written() {
        for run_by in [
            "Severn Social Work",
            "SEVERN SOCIAL WORK LIMITED",
            "The Severn Social-Work Community Interest Company",
            "SevernSocialWork CIC, a charity",
            "Friends of Severn Social Work",
            "teme",
            "Teme Ltd",
        ] {
            assert_eq!(faults("An app", run_by, &["Ida Fenwick"], None), ["/run_by"], "{run_by}");
        }
        assert_eq!(
            faults("Severn Social Work complaints", "A charity", &["Severn social work"], None),
            ["/name", "/controlled_by/0"]
        );
        for run_by in ["Severn Voices CIC", "Teme Valley Advocacy", "Social Work Watch", "A charity"] {
            assert_eq!(faults("An app", run_by, &["Ida Fenwick"], Some("https://voices.example")), [""; 0], "{run_by}");
        }
    }

    #[test]
    fn nor_does_anybody_who_owns_one_by_name_or_by_the_domain_of_their_address() {
        assert_eq!(
            faults("An app", "Amara Okafor", &["Ida Fenwick", "Okafor, Amara J."], None),
            ["/run_by", "/controlled_by/1"]
        );
        assert_eq!(
            faults("An app", "A charity", &["Ida Fenwick"], Some("https://app.severn.example/now")),
            ["/website"]
        );
        assert_eq!(faults("An app", "Okafor Advocacy", &["Amara Fenwick"], None), [""; 0], "one name is anybody's");
    }
}
