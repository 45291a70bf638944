use leasehold_api::event::Collected;

use crate::harness::*;

#[test]
fn a_payee_gets_its_seconds_less_the_fee() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    h.stream(1, account, "provider", RATE);
    h.pass(250);
    let response = h.collect(&[1]);
    assert_eq!(h.bank("provider", AKT), 248);
    assert_eq!(
        events::<Collected>(&response),
        [Collected {
            stream: 1,
            payee: addr("provider"),
            amount: 248u128.into(),
            fee: 2u128.into(),
        }]
    );
    h.check_books();
}
