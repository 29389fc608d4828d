//! The keys that a scope has opened: the owner's root key, and those of one person, referral or complaint.

use almoner_domain::ids::KeyId;
use diesel::prelude::*;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::schema::sealing_keys;
use crate::ground::scope::Scope;
use crate::ground::sealing::Key;

impl Scope<'_> {
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

    /// Loads the keys of a page in one round trip.
    pub(crate) fn load_keys(&mut self, owner: Uuid, ids: &[KeyId]) -> Result<(), StoreError> {
        let missing: Vec<Uuid> =
            ids.iter().map(|id| id.uuid()).filter(|id| !self.keys.contains_key(&(owner, *id))).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let root = self.root_key(owner)?;
        let rows: Vec<(Uuid, Vec<u8>)> = sealing_keys::table
            .filter(sealing_keys::owner_id.eq(owner).and(sealing_keys::key_id.eq_any(missing)))
            .select((sealing_keys::key_id, sealing_keys::wrapped))
            .load(self.conn)?;
        for (id, wrapped) in rows {
            let key = root.unwrap_key(owner, id, &wrapped)?;
            self.keys.insert((owner, id), key);
        }
        Ok(())
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
