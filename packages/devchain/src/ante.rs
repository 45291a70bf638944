//! What a transaction must pass before its messages run.

use cosmwasm_std::{BankMsg, Event};

use crate::accounts;
use crate::bank::{from_proto, render, valid_address};
use crate::chain::Chain;
use crate::error::{
    AbciError, INSUFFICIENT_FUNDS, INVALID_GAS_LIMIT, TX_TIMEOUT_HEIGHT, UNKNOWN_ADDRESS,
    WRONG_SEQUENCE,
};
use crate::tx::Tx;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    Verify,
    Skip,
}

impl Chain {
    /// The sequence that the mempool expects from a signer next.
    pub(crate) fn next_sequence(&self, signer: &str) -> u64 {
        self.pending
            .get(signer)
            .copied()
            .unwrap_or_else(|| accounts::load(self.app.storage(), signer).map_or(0, |a| a.sequence))
    }

    /// What the SDK's ante handler does: fee, sequence, signature. The caller rolls its writes back after an error.
    pub(crate) fn ante(
        &mut self,
        tx: &Tx,
        sequence: u64,
        signature: Signature,
    ) -> Result<Vec<Event>, AbciError> {
        let block = self.app.block_info();
        if tx.timeout_height > 0 && block.height > tx.timeout_height {
            return Err(TX_TIMEOUT_HEIGHT.because(format!(
                "block height: {}, timeout height: {}",
                block.height, tx.timeout_height
            )));
        }
        if tx.fee.gas_limit == 0 && signature == Signature::Verify {
            return Err(INVALID_GAS_LIMIT.because("must provide positive gas"));
        }
        let signer = valid_address(self.app.api(), &tx.signer)?;
        let mut account = accounts::load(self.app.storage(), &tx.signer).ok_or_else(|| {
            UNKNOWN_ADDRESS.because(format!("account {} does not exist", tx.signer))
        })?;
        let fee = from_proto(&tx.fee.amount)?;
        let mut events = vec![];
        if !fee.is_empty() {
            let transfer = BankMsg::Send {
                to_address: self.fee_collector.to_string(),
                amount: fee.clone(),
            };
            let paid = self.dispatch(signer, transfer.into(), INSUFFICIENT_FUNDS)?;
            events.extend(paid.events);
        }
        if tx.signer_info.sequence != sequence {
            return Err(WRONG_SEQUENCE.because(format!(
                "account sequence mismatch, expected {sequence}, got {}",
                tx.signer_info.sequence
            )));
        }
        if signature == Signature::Verify {
            let (key, any) = tx.key(account.pub_key.as_ref())?;
            tx.verify(
                self.app.api(),
                &key,
                &block.chain_id,
                account.account_number,
            )?;
            account.pub_key = Some(any);
        }
        account.sequence = sequence + 1;
        accounts::save(self.app.storage_mut(), &account);
        events.push(
            Event::new("tx")
                .add_attribute("fee", render(&fee))
                .add_attribute("fee_payer", &tx.signer),
        );
        events.push(Event::new("tx").add_attribute("acc_seq", format!("{}/{sequence}", tx.signer)));
        Ok(events)
    }
}
