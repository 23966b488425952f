//! Patients' first log-in: staff prove who someone is, a code says so.

use accord_base::{Purpose, Role};
use serde::{Deserialize, Serialize};

use crate::Authority;
use crate::account::Hat;
use crate::admin::AdminFault;
use crate::records::{Stored, Table};
use crate::secrets::{hashed, spoken_code, typed_code};

/// How long a proofing code is good, in seconds: a letter takes days.
const PROOF_S: u64 = 30 * 86_400;
/// A patient whose identity was proven, waiting for them to make a log-in.
#[derive(Serialize, Deserialize)]
struct Proof {
    patient: String,
    until_s: u64,
}

impl Stored for Proof {
    const TABLE: Table = Table::Proof;

    fn until_s(&self) -> Option<u64> {
        Some(self.until_s)
    }
}

impl Authority {
    /// Makes a code with which the patient, whose identity staff have proven, makes a log-in.
    ///
    /// # Errors
    /// If the id is none.
    pub fn proofing_code(&self, patient: &str) -> Result<String, AdminFault> {
        let hat = patient_hat(patient);
        hat.subject(None).ok_or_else(|| AdminFault::Hat(hat.principal.clone()))?;
        let code = spoken_code(&*self.rng);
        let proof = Proof { patient: patient.to_owned(), until_s: self.now_s() + PROOF_S };
        self.shelf.put(&hashed(&typed_code(&code)), &proof)?;
        Ok(code)
    }

    /// Makes the log-in of the patient for whom a proofing code was given out. The code is used
    /// up when the account is made.
    ///
    /// # Errors
    /// If the code is not good, or the account cannot be made.
    pub fn redeem(&self, code: &str, login: &str, password: &str) -> Result<(), AdminFault> {
        let key = hashed(&typed_code(code));
        let proof: Proof = self.shelf.get(&key, self.now_s())?.ok_or(AdminFault::Code)?;
        self.add_account(login, login, vec![patient_hat(&proof.patient)], Some(password))?;
        if self.shelf.0.take(Table::Proof, &key)?.is_none() {
            // Someone else used it at the same time: there is one log-in for a code.
            self.shelf.0.take(Table::Account, &login.to_lowercase())?;
            return Err(AdminFault::Code);
        }
        Ok(())
    }

    /// Makes a patient's log-in ([`Authority::redeem`]) for someone at this network address, who may
    /// not try codes without end.
    ///
    /// # Errors
    /// As there, and [`AdminFault::Code`] for an address that failed too often.
    pub fn redeem_from(
        &self,
        code: &str,
        login: &str,
        password: &str,
        address: &str,
    ) -> Result<(), AdminFault> {
        let now_s = self.now_s();
        self.check_address(address, now_s).map_err(|_| AdminFault::Code)?;
        let made = self.redeem(code, login, password);
        if made == Err(AdminFault::Code) {
            self.failed_from(address, now_s)?;
        }
        made
    }
}

fn patient_hat(patient: &str) -> Hat {
    Hat {
        principal: format!("Patient/{patient}"),
        role: Role::Patient.code().to_owned(),
        organization: None,
        purposes: vec![Purpose::Patrqt.code().to_owned()],
    }
}
