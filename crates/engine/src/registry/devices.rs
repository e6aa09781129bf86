//! Devices of a customer by their code: numbers only, since the codes themselves stand with the members.

use super::Member;
use domain::DeviceCode;
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// Members by the code of their device.
#[derive(Debug, Default)]
pub struct Devices(HashTable<u32>);

impl Devices {
    /// The member of a device.
    #[must_use]
    pub fn get(&self, members: &[Member], code: &DeviceCode) -> Option<u32> {
        self.0.find(hash(code), |&member| code_of(members, member) == Some(code)).copied()
    }

    /// Adds a member, whose code is not yet in it.
    pub fn add(&mut self, members: &[Member], member: u32) {
        let Some(code) = code_of(members, member) else { return };
        self.0.insert_unique(hash(code), member, |&other| code_of(members, other).map_or(0, hash));
    }
}

fn code_of(members: &[Member], member: u32) -> Option<&DeviceCode> {
    members.get(member as usize)?.device.as_ref()
}

fn hash(code: &DeviceCode) -> u64 {
    FxBuildHasher.hash_one(code)
}
