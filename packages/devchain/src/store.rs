//! Codes: what `MsgStoreCode` accepts and where it ends up.

use cosmrs::proto::cosmwasm::wasm::v1::{AccessType, MsgStoreCode, MsgStoreCodeResponse};
use cosmwasm_std::{Addr, Checksum, Event};
use prost::Message;

use crate::bank::valid_address;
use crate::chain::{Chain, Outcome};
use crate::codes::NativeCode;
use crate::error::{AbciError, CREATE_FAILED, NOT_SUPPORTED};

/// A code stored on this chain; its id is its position plus one.
pub(crate) struct StoredCode {
    pub(crate) creator: Addr,
    pub(crate) checksum: Checksum,
    pub(crate) stub: Vec<u8>,
}

impl Chain {
    /// Accepts a code for storing once the whole transaction has succeeded: until then no message can use its id.
    pub(crate) fn stage_code(
        &self,
        msg: &MsgStoreCode,
        outcome: &mut Outcome,
    ) -> Result<(Vec<u8>, Vec<Event>), AbciError> {
        let code = self
            .known
            .iter()
            .find(|code| code.stub() == msg.wasm_byte_code)
            .ok_or_else(|| CREATE_FAILED.because(self.refused_code(&msg.wasm_byte_code)))?;
        let open = [AccessType::Unspecified, AccessType::Everybody].map(i32::from);
        if msg
            .instantiate_permission
            .as_ref()
            .is_some_and(|p| !open.contains(&p.permission))
        {
            return Err(NOT_SUPPORTED.because("the devchain lets everybody instantiate a code"));
        }
        let creator = valid_address(self.app.api(), &msg.sender)?;
        let code_id = (self.codes.len() + outcome.codes.len() + 1) as u64;
        outcome.codes.push((*code, creator));
        let checksum = code.checksum();
        let event = Event::new("store_code")
            .add_attribute("code_checksum", checksum.to_hex())
            .add_attribute("code_id", code_id.to_string());
        let response = MsgStoreCodeResponse {
            code_id,
            checksum: checksum.as_slice().to_vec(),
        };
        Ok((response.encode_to_vec(), vec![event]))
    }

    fn refused_code(&self, bytes: &[u8]) -> String {
        let names: Vec<_> = self.known.iter().map(|code| code.name).collect();
        format!(
            "the devchain has no wasm VM: {} bytes given, allowed is the text leasehold-native:<name> with a name of {}",
            bytes.len(),
            names.join(", ")
        )
    }

    pub(crate) fn store_code(&mut self, code: NativeCode, creator: Addr) {
        let code_id = self.codes.len() as u64 + 1;
        self.checksums.borrow_mut().insert(code_id, code.checksum());
        self.app
            .store_code_with_id(creator.clone(), code_id, (code.build)())
            .expect("code ids count up and are never reused");
        self.codes.push(StoredCode {
            creator,
            checksum: code.checksum(),
            stub: code.stub(),
        });
    }
}
