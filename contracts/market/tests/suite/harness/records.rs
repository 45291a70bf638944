//! The peers' records that the market reads, and what changes them.

use super::*;

impl World {
    pub(super) fn publish(&mut self) {
        let config = escrow::Config {
            suite: self.suite.clone(),
            params: escrow::Params {
                min_runway: MIN_RUNWAY,
                fee_bps: 100,
            },
        };
        escrow::CONFIG.save(&mut *self.escrow(), &config).unwrap();
        let mut account = Account::new(self.tenant.clone(), denom(), START);
        account.balance = Uint128::new(FUNDS * SCALE);
        self.set_account(&account);
        let deployment = Deployment {
            owner: self.tenant.clone(),
            account: ACCOUNT,
            manifest_hash: Binary::from([0; 32]),
            terms: vec![descending().into(); 3],
            created_at: START,
        };
        let mut storage = self.deployments();
        DEPLOYMENTS
            .save(&mut *storage, DEPLOYMENT, &deployment)
            .unwrap();
        for group in 0..3 {
            GROUPS
                .save(&mut *storage, (DEPLOYMENT, group), &group_spec())
                .unwrap();
        }
        drop(storage);
        for name in PROVIDERS {
            let provider = self.addr(name);
            let live = Liveness {
                last: START,
                until: START + 1_000_000,
                height: 1_000,
                alive: 0,
            };
            let hot = Hot {
                live,
                standing: Standing::Active,
                collateral: vec![Asset {
                    denom: denom(),
                    amount: Uint128::new(COLLATERAL),
                }],
            };
            self.set_hot(&provider, &hot);
            CAPABILITY
                .save(&mut *self.registry(), &provider, &Declared::default())
                .unwrap();
        }
    }

    pub fn escrow(&mut self) -> Box<dyn Storage + '_> {
        let address = self.suite.escrow.clone();
        self.app.contract_storage_mut(&address)
    }

    pub fn registry(&mut self) -> Box<dyn Storage + '_> {
        let address = self.suite.provider.clone();
        self.app.contract_storage_mut(&address)
    }

    pub fn deployments(&mut self) -> Box<dyn Storage + '_> {
        let address = self.suite.deployment.clone();
        self.app.contract_storage_mut(&address)
    }

    pub fn account(&mut self) -> Account {
        ACCOUNTS.load(&*self.escrow(), ACCOUNT).unwrap()
    }

    pub fn set_account(&mut self, account: &Account) {
        ACCOUNTS
            .save(&mut *self.escrow(), ACCOUNT, account)
            .unwrap();
    }

    /// Makes the account a stranger's, on which the tenant may spend `units` a second.
    pub fn allow(&mut self, units: u128, expires: Option<u64>) {
        let mut account = self.account();
        account.owner = self.addr("stranger");
        self.set_account(&account);
        let allowance = Allowance {
            source: ACCOUNT + 1,
            spender: self.tenant.clone(),
            limits: Limits {
                max_rate: rate(units),
                max_total: Uint128::MAX,
                expires,
                refill: None,
            },
            drawn: Uint128::zero(),
        };
        ALLOWANCES
            .save(&mut *self.escrow(), ACCOUNT, &allowance)
            .unwrap();
    }

    pub fn revoke(&mut self) {
        ALLOWANCES.remove(&mut *self.escrow(), ACCOUNT);
    }

    /// Sets what the account holds now, in whole units.
    pub fn fund(&mut self, units: u128) {
        let now = self.now();
        let mut account = self.account();
        account.settle(now).unwrap();
        account.balance = Uint128::new(units * SCALE);
        self.set_account(&account);
    }

    pub fn hot(&mut self, provider: &Addr) -> Hot {
        HOT.load(&*self.registry(), provider).unwrap()
    }

    pub fn set_hot(&mut self, provider: &Addr, hot: &Hot) {
        HOT.save(&mut *self.registry(), provider, hot).unwrap();
    }

    /// The provider is silent from now on.
    pub fn silence(&mut self, name: &str) {
        let provider = self.addr(name);
        let (now, height) = (self.now(), self.app.block_info().height);
        let mut hot = self.hot(&provider);
        hot.live = hot.live.beat(now, height, 1).unwrap();
        self.set_hot(&provider, &hot);
    }

    /// The deployment and its account change hands, as the deployment contract does it.
    pub fn transfer(&mut self, to: &Addr) {
        let mut storage = self.deployments();
        let mut deployment = DEPLOYMENTS.load(&*storage, DEPLOYMENT).unwrap();
        deployment.owner = to.clone();
        DEPLOYMENTS
            .save(&mut *storage, DEPLOYMENT, &deployment)
            .unwrap();
        drop(storage);
        let mut account = self.account();
        account.owner = to.clone();
        self.set_account(&account);
    }

    pub fn require(&mut self, requirements: Requirements) {
        self.ask_for(&GroupSpec {
            requirements,
            ..group_spec()
        });
    }

    /// What the group asks for from now on.
    pub fn ask_for(&mut self, spec: &GroupSpec) {
        GROUPS
            .save(&mut *self.deployments(), (DEPLOYMENT, 0), spec)
            .unwrap();
    }
}
