//! Random stakes, fees and claims against a model in fractions.

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Stake(usize, u128),
    Unstake(usize, u128),
    Fee(usize, u128),
    Claim(usize, Option<usize>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0usize..4, 1u128..1_000_000).prop_map(|(who, amount)| Step::Stake(who, amount)),
        2 => (0usize..4, 1u128..1_500_000).prop_map(|(who, amount)| Step::Unstake(who, amount)),
        4 => (0..FEE_DENOMS, 1u128..1_000_000).prop_map(|(denom, amount)| Step::Fee(denom, amount)),
        2 => (0usize..4, prop::option::of(0..FEE_DENOMS)).prop_map(|(who, denom)| Step::Claim(who, denom)),
    ]
}

fn fee_denom(index: usize) -> Denom {
    match index {
        0 => native(DENOM),
        1 => native("uother"),
        _ => Denom::Cw20(MockApi::default().addr_make("token").into()),
    }
}

fn send(
    deps: DepsMut,
    env: &Env,
    who: &Addr,
    msg: ExecuteMsg,
    funds: &[cosmwasm_std::Coin],
) -> Result<Response, ContractError> {
    contract::execute(deps, env.clone(), message_info(who, funds), msg)
}

fn told<T: TypedEvent>(response: &Response) -> Vec<T> {
    let ours = response.events.iter().filter(|event| event.ty == T::NAME);
    ours.map(|event| T::parse(&event.attributes).unwrap())
        .collect()
}

fn ask<T: serde::de::DeserializeOwned>(deps: Deps, env: &Env, msg: QueryMsg) -> T {
    from_json(contract::query(deps, env.clone(), msg).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Against a model that divides each fee on its own, in fractions.
    #[test]
    fn rewards_paid_and_owed_are_the_fees_to_the_unit(steps in prop::collection::vec(step(), 1..80)) {
        let mut deps = mock_dependencies();
        let mut env = mock_env();
        env.contract.address = MockApi::default().addr_make("governance");
        let denoms: Vec<Denom> = (0..FEE_DENOMS).map(fee_denom).collect();
        instantiate(deps.as_mut(), &env, rewarding(denoms.clone()));
        let escrow = MockApi::default().addr_make("peer");
        let people = stakers();
        let mut stake = [0u128; 4];
        let mut fair = [[0f64; FEE_DENOMS]; 4];
        let mut paid = [[0u128; FEE_DENOMS]; 4];
        let mut received = [0u128; FEE_DENOMS];
        for step in steps {
            match step {
                Step::Stake(who, amount) => {
                    send(deps.as_mut(), &env, &people[who], ExecuteMsg::Stake {}, &coins(amount, DENOM)).unwrap();
                    stake[who] += amount;
                }
                Step::Unstake(who, amount) => {
                    let msg = ExecuteMsg::Unstake { amount: amount.into() };
                    if send(deps.as_mut(), &env, &people[who], msg, &[]).is_ok() {
                        stake[who] -= amount;
                    }
                }
                Step::Fee(denom, amount) => {
                    let response = match &denoms[denom] {
                        Denom::Native(name) => {
                            let funds = coins(amount, name);
                            send(deps.as_mut(), &env, &escrow, ExecuteMsg::AddFees {}, &funds)
                        }
                        Denom::Cw20(token) => {
                            let hook = ExecuteMsg::Receive(Cw20ReceiveMsg {
                                sender: escrow.to_string(),
                                amount: amount.into(),
                                msg: ADD_FEES.into(),
                            });
                            send(deps.as_mut(), &env, &Addr::unchecked(token), hook, &[])
                        }
                    };
                    let part = told::<FeesAdded>(&response.unwrap())[0].stakers.u128();
                    let total: u128 = stake.iter().sum();
                    prop_assert_eq!(part, if total == 0 { 0 } else { amount / 2 });
                    received[denom] += part;
                    for (fair, stake) in fair.iter_mut().zip(&stake) {
                        fair[denom] += part as f64 * *stake as f64 / (total.max(1)) as f64;
                    }
                }
                Step::Claim(who, denom) => {
                    let msg = ExecuteMsg::ClaimRewards { denom: denom.map(fee_denom) };
                    if let Ok(response) = send(deps.as_mut(), &env, &people[who], msg, &[]) {
                        for claimed in told::<RewardClaimed>(&response) {
                            let index = denoms.iter().position(|one| one.to_string() == claimed.denom);
                            paid[who][index.unwrap()] += claimed.amount.u128();
                        }
                    }
                }
            }
        }
        for (index, denom) in denoms.iter().enumerate() {
            let query = QueryMsg::Liabilities { denom: Some(denom.clone()) };
            let owed = ask::<LiabilitiesResponse>(deps.as_ref(), &env, query).rewards.u128();
            let all: u128 = paid.iter().map(|one| one[index]).sum();
            prop_assert_eq!(all + owed, received[index], "{}", denom);
            let mut claimable = 0;
            for (who, person) in people.iter().enumerate() {
                let query = QueryMsg::Rewards { address: person.to_string() };
                let rewards = ask::<RewardsResponse>(deps.as_ref(), &env, query).rewards;
                let due = rewards.iter().find(|one| one.denom == *denom);
                let due = due.map_or(0, |Asset { amount, .. }| amount.u128());
                claimable += due;
                let short = fair[who][index] - (paid[who][index] + due) as f64;
                prop_assert!((-0.001..1.001).contains(&short), "{} of {} is short of {}", person, denom, short);
            }
            // Fractions of four stakers, and what did not divide.
            prop_assert!(claimable <= owed && owed - claimable <= 4, "{} of {}", claimable, owed);
        }
    }
}
