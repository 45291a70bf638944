//! Pages of the book that list tests list them all.

use leasehold_testing::cases::documented;

#[test]
fn the_differential_table_names_every_case() {
    let page = include_str!("../../../docs/akash-differential.md");
    let cases = [
        include_str!("akash/settlement.rs"),
        include_str!("akash/defects.rs"),
    ];
    documented(page, &cases).unwrap();
}

#[test]
fn the_table_of_attacks_names_every_attack() {
    let page = include_str!("../../../docs/SECURITY.md");
    let attacks = [
        include_str!("adversarial/auction.rs"),
        include_str!("adversarial/change.rs"),
        include_str!("adversarial/deadlines.rs"),
        include_str!("adversarial/extremes.rs"),
        include_str!("adversarial/jobs.rs"),
        include_str!("adversarial/offers.rs"),
        include_str!("adversarial/pause.rs"),
        include_str!("adversarial/reentrancy.rs"),
        include_str!("adversarial/prune.rs"),
        include_str!("adversarial/rent.rs"),
        include_str!("adversarial/reputation.rs"),
        include_str!("adversarial/reservation.rs"),
        include_str!("adversarial/sealed.rs"),
        include_str!("adversarial/slashing.rs"),
        include_str!("adversarial/spoofing.rs"),
        include_str!("adversarial/token.rs"),
        include_str!("adversarial/trust.rs"),
    ];
    documented(page, &attacks).unwrap();
}
