//! The settings of where documents are stored: in a directory, or in a bucket of S3.

use std::path::PathBuf;

use almoner_persistence::{Bucket, Objects};

use super::checks;
use super::reader::{Faulty, Reader};
use super::settings::{self, Setting};
use super::{Command, Secret};
use crate::serve::Failure;

/// The place where documents are stored.
#[derive(Clone, Debug)]
pub enum Documents {
    /// They are stored in a directory.
    Directory(PathBuf),
    /// They are stored in a bucket.
    Bucket(BucketSettings),
}

/// A bucket of S3. For a command that stores no documents, what is not given is empty.
#[derive(Clone, Debug)]
pub struct BucketSettings {
    name: String,
    prefix: String,
    endpoint: Option<String>,
    region: String,
    access_key_id: String,
    secret_access_key: Secret,
}

impl Documents {
    /// Opens the place. Whether a bucket is there is seen when the first document is stored or read.
    pub fn open(&self) -> Result<Objects, Failure> {
        match self {
            Self::Directory(path) => Ok(Objects::in_directory(path)),
            Self::Bucket(bucket) => {
                let objects = Objects::in_bucket(&Bucket {
                    endpoint: bucket.endpoint.as_deref(),
                    region: &bucket.region,
                    name: &bucket.name,
                    prefix: &bucket.prefix,
                    access_key_id: &bucket.access_key_id,
                    secret_access_key: bucket.secret_access_key.expose(),
                });
                Ok(objects.map_err(|error| format!("ALMONER_DOCUMENTS: {error}"))?)
            }
        }
    }
}

/// What `ALMONER_DOCUMENTS` says by itself.
enum Place {
    Directory(PathBuf),
    Bucket { name: String, prefix: String },
}

/// Reads the settings. A command that stores documents needs those of a bucket with it, and refuses them without one: with the
/// bucket forgotten, documents would be on this machine's disk.
pub(super) fn read(command: Command, reader: &mut Reader<'_>) -> Option<Documents> {
    let place = reader.parse(&settings::ALMONER_DOCUMENTS, place);
    let endpoint = reader.parse(&settings::ALMONER_S3_ENDPOINT, checks::endpoint);
    let region = reader.parse(&settings::ALMONER_S3_REGION, checks::word);
    let access_key_id = reader.parse(&settings::ALMONER_S3_ACCESS_KEY_ID, checks::word);
    let secret_access_key =
        reader.secret(&settings::ALMONER_S3_SECRET_ACCESS_KEY, |text| checks::word(text).map(drop), |_| Ok(()));

    if settings::ALMONER_S3_SECRET_ACCESS_KEY.is_read_by(command) {
        let has_secret = secret_access_key.as_ref().map(|secret| !secret.is_empty());
        let demanded = [
            (&settings::ALMONER_S3_REGION, is_given(&region)),
            (&settings::ALMONER_S3_ACCESS_KEY_ID, is_given(&access_key_id)),
            (&settings::ALMONER_S3_SECRET_ACCESS_KEY, has_secret),
        ];
        let optional = [(&settings::ALMONER_S3_ENDPOINT, is_given(&endpoint))];
        match &place {
            Ok(Some(Place::Bucket { .. })) => {
                let missing = demanded.into_iter().filter(|(_, given)| *given == Some(false));
                reader.faults.extend(missing.map(|(Setting { name, meaning, .. }, _)| {
                    format!("{name} is needed where ALMONER_DOCUMENTS is a bucket. {meaning}")
                }));
            }
            Ok(_) => {
                let given = demanded.into_iter().chain(optional).filter(|(_, given)| *given == Some(true));
                reader.faults.extend(given.map(|(Setting { name, .. }, _)| {
                    format!("{name} is given, and ALMONER_DOCUMENTS is a directory: expected s3://BUCKET there")
                }));
            }
            Err(Faulty) => {}
        }
    }
    Some(match place.ok()?? {
        Place::Directory(path) => Documents::Directory(path),
        Place::Bucket { name, prefix } => Documents::Bucket(BucketSettings {
            name,
            prefix,
            endpoint: endpoint.ok()?,
            region: region.ok()?.unwrap_or_default(),
            access_key_id: access_key_id.ok()?.unwrap_or_default(),
            secret_access_key: secret_access_key?,
        }),
    })
}

/// Whether a setting is given; `None` if it cannot be used, which is a fault already.
fn is_given<T>(read: &Result<Option<T>, Faulty>) -> Option<bool> {
    read.as_ref().ok().map(Option::is_some)
}

/// Reads the path of a directory, or the URL of a bucket.
fn place(text: &str) -> Result<Place, String> {
    let Some(bucket) = text.strip_prefix("s3://") else {
        return if text.contains("://") { Err(EXPECTED.to_owned()) } else { Ok(Place::Directory(text.into())) };
    };
    let (name, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    let is_plain = |text: &str, more: &str| {
        text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c)) && !text.contains("..")
    };
    let ends_plainly = name.starts_with(char::is_alphanumeric) && name.ends_with(char::is_alphanumeric);
    let is_name = (3..=63).contains(&name.len()) && is_plain(name, "-.") && ends_plainly;
    let is_prefix = prefix.is_empty()
        || prefix.split('/').all(|part| !part.is_empty() && part != "." && is_plain(&part.to_ascii_lowercase(), "-._"));
    if is_name && is_prefix {
        Ok(Place::Bucket { name: name.to_owned(), prefix: prefix.to_owned() })
    } else {
        Err(EXPECTED.to_owned())
    }
}

const EXPECTED: &str = "expected the path of a directory, or s3://BUCKET or s3://BUCKET/PREFIX, where the bucket has from 3 to \
                        63 lower-case letters, digits, hyphens and full stops, and the prefix letters, digits and -._/";
