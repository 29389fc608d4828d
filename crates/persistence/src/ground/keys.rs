//! The keys that a scope has opened: the owner's root key, and those of one person, referral or complaint.

use almoner_domain::ids::KeyId;
use diesel::prelude::*;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::schema::sealing_keys;
use crate::ground::scope::Scope;
use crate::ground::sealing::Key;

/// The wrapped keys that a query brings along with a sealed row: the row's own, and its owner's root key. `None` if a key is
/// not this role's.
pub(crate) type WrappedKeys = (Option<Vec<u8>>, Option<Vec<u8>>);

/// Selects the wrapped keys of this owner's rows along with them, so that no statement of its own asks for them. The owner's
/// root key is read once, however many rows there are.
macro_rules! wrapped_keys {
    ($table:ident, $owner:expr) => {
        $crate::ground::keys::wrapped_keys!($table.key_id, $owner)
    };
    ($table:ident.$key:ident, $owner:expr) => {{
        use $crate::ground::schema::sealing_keys;
        let owner: ::uuid::Uuid = $owner;
        let keys = || sealing_keys::table.filter(sealing_keys::owner_id.eq(owner));
        (
            keys().filter(sealing_keys::key_id.eq($table::$key)).select(sealing_keys::wrapped).single_value(),
            keys().filter(sealing_keys::key_id.eq(owner)).select(sealing_keys::wrapped).single_value(),
        )
    }};
}
pub(crate) use wrapped_keys;

impl Scope<'_> {
    /// Opens the key of a row with the wrapped keys that its query brought along. [`Scope::key`] finds it from now on.
    pub(crate) fn unwrap(&mut self, owner: Uuid, id: KeyId, (own, root): &WrappedKeys) -> Result<Key, StoreError> {
        let id = id.uuid();
        if let Some(key) = self.keys.get(&(owner, id)) {
            return Ok(key.clone());
        }
        let wrapped = own.as_ref().ok_or(StoreError::Sealed)?;
        let root = match self.keys.get(&(owner, owner)) {
            Some(root) => root.clone(),
            None => self.master_keys().unwrap_root(owner, root.as_ref().ok_or(StoreError::Sealed)?)?,
        };
        let key = root.unwrap_key(owner, id, wrapped)?;
        self.keys.insert((owner, id), key.clone());
        self.keys.insert((owner, owner), root);
        Ok(key)
    }

    /// Opens the owner's root key.
    pub(crate) fn root_key(&mut self, owner: Uuid) -> Result<Key, StoreError> {
        self.load_key(owner, owner)
    }

    /// Makes a key for one person, referral or complaint of this owner's.
    pub(crate) fn new_key(&mut self, owner: Uuid) -> Result<(KeyId, Key), StoreError> {
        let root = self.root_key(owner)?;
        let key = Key::new();
        // The identifier is random rather than in order of time, so that it does not show what the key belongs to.
        let id = uuid::Builder::from_random_bytes(crate::ground::random::bytes()).into_uuid();
        let wrapped = root.wrap(owner, id, &key)?;
        self.insert_key(owner, id, root.version(), wrapped)?;
        self.keys.insert((owner, id), key.clone());
        Ok((KeyId::from(id), key))
    }

    /// Makes the root key of a new owner.
    pub(crate) fn new_root_key(&mut self, owner: Uuid) -> Result<(), StoreError> {
        let master = self.store.master_keys().newest().clone();
        let wrapped = master.wrap(owner, owner, &Key::new())?;
        self.insert_key(owner, owner, master.version(), wrapped)
    }

    fn insert_key(&mut self, owner: Uuid, id: Uuid, version: u8, wrapped: Vec<u8>) -> Result<(), StoreError> {
        diesel::insert_into(sealing_keys::table)
            .values((
                sealing_keys::owner_id.eq(owner),
                sealing_keys::key_id.eq(id),
                sealing_keys::version.eq(i32::from(version)),
                sealing_keys::wrapped.eq(wrapped),
                sealing_keys::created_at.eq(self.at),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Opens the key of one person, referral or complaint.
    pub(crate) fn key(&mut self, owner: Uuid, id: KeyId) -> Result<Key, StoreError> {
        self.load_key(owner, id.uuid())
    }

    fn load_key(&mut self, owner: Uuid, id: Uuid) -> Result<Key, StoreError> {
        if let Some(key) = self.keys.get(&(owner, id)) {
            return Ok(key.clone());
        }
        let wrapped: Vec<u8> = sealing_keys::table
            .filter(sealing_keys::owner_id.eq(owner).and(sealing_keys::key_id.eq(id)))
            .select(sealing_keys::wrapped)
            .first(self.conn)
            .optional()?
            .ok_or(StoreError::Sealed)?;
        let key = if id == owner {
            self.store.master_keys().unwrap_root(owner, &wrapped)?
        } else {
            self.root_key(owner)?.unwrap_key(owner, id, &wrapped)?
        };
        self.keys.insert((owner, id), key.clone());
        Ok(key)
    }
}
