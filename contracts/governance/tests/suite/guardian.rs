//! What a guardian may, and for how long.

use cosmwasm_std::Addr;
use leasehold_api::event::PausedByGuardian;
use leasehold_api::governance::{ConfigResponse, ExecuteMsg, Guardian, PauseResponse, QueryMsg};
use leasehold_governance::ContractError;

use crate::harness::{events, params, Gov, GUARDED_UNTIL};

const YEAR: u64 = 31_536_000;

impl Gov {
    fn pause(&mut self) -> Result<u64, ContractError> {
        let guardian = self.guardian.clone();
        let response = self.send(&guardian, &ExecuteMsg::Pause {}, &[])?;
        Ok(events::<PausedByGuardian>(&response)[0].until)
    }

    fn market_paused_until(&self) -> u64 {
        let config: ConfigResponse = self.query(&QueryMsg::Config {});
        let market: Addr = config.suite.market;
        let query = cosmwasm_std::Empty {};
        self.app.wrap().query_wasm_smart(market, &query).unwrap()
    }
}

#[test]
fn the_guardian_pauses_the_market_and_rests() {
    let mut gov = Gov::new();
    let before: PauseResponse = gov.query(&QueryMsg::Pause {});
    assert_eq!((before.until, before.again_from), (None, 0));
    let until = gov.pause().unwrap();
    assert_eq!(until, gov.now() + 50);
    assert_eq!(gov.market_paused_until(), until);
    let after: PauseResponse = gov.query(&QueryMsg::Pause {});
    assert_eq!((after.until, after.again_from), (Some(until), until + 70));
    gov.wait(119);
    assert_eq!(
        gov.pause(),
        Err(ContractError::PauseRests { from: until + 70 })
    );
    gov.wait(1);
    assert_eq!(gov.pause(), Ok(until + 120));
}

#[test]
fn a_guardian_whose_term_has_ended_is_none() {
    let mut gov = Gov::new();
    let id = gov.pass(vec![]);
    gov.wait(GUARDED_UNTIL - gov.now() - 1);
    gov.pause().unwrap();
    gov.wait(1);
    let refused = |outcome: Result<(), ContractError>| {
        let error = outcome.unwrap_err();
        assert!(matches!(error, ContractError::Unauthorized { .. }));
        assert!(error.to_string().contains("there is none"), "{error}");
    };
    refused(gov.pause().map(drop));
    refused(gov.veto(id).map(drop));
}

#[test]
fn a_guardian_is_set_for_a_year_at_most() {
    let mut gov = Gov::new();
    let itself = gov.address.clone();
    let latest = gov.now() + YEAR;
    for (until, fits) in [(latest, true), (latest + 1, false), (1, true)] {
        let mut params = params();
        params.guardian = Some(Guardian {
            address: gov.bob.to_string(),
            until,
        });
        let outcome = gov.send(&itself, &ExecuteMsg::UpdateParams { params }, &[]);
        assert_eq!(outcome.is_ok(), fits, "{until}");
    }
}

#[test]
fn pauses_have_bounds() {
    let mut gov = Gov::new();
    let itself = gov.address.clone();
    for (pause_seconds, pause_rest, fits) in [
        (1, 1, true),
        (0, 1, false),
        (604_800, 604_800, true),
        (604_801, 604_801, false),
        (100, 99, false),
        (100, YEAR, true),
        (100, YEAR + 1, false),
    ] {
        let mut params = params();
        params.pause_seconds = pause_seconds;
        params.pause_rest = pause_rest;
        let outcome = gov.send(&itself, &ExecuteMsg::UpdateParams { params }, &[]);
        assert_eq!(outcome.is_ok(), fits, "{pause_seconds}, {pause_rest}");
    }
}
