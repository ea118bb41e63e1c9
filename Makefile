# Two commands on a fresh machine: `make up` and `make test`. Whatever a step needs, the step installs.
# Everything lives in .venv (development), .local (the local AWS, the shop on django-oscar) and node_modules (what runs on Node).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first Python of at least 3.11; `make PYTHON=/path/to/python3.13 up` chooses another.
export PYTHONPATH := layers/core/python
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
RUN := .venv/bin/python
say = @printf '\033[1m%s\033[0m\n' "· $(1)"

LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
DEVELOPMENT := .venv/.installed
LOCAL := .local/venv/.installed
NODE := node_modules/.installed
OSCAR := .local/django-oscar/.installed

.PHONY: help
help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---------------------------------------------------------------------------- running it

.PHONY: up
up: $(DEVELOPMENT) $(LOCAL) $(NODE) ## start the local AWS and deploy into it (again: redeploy in place); AUTH=true enforces IAM
	@$(RUN) -m infra.local.up $(if $(AUTH),--auth $(AUTH)) $(if $(PORT),--port $(PORT))

.PHONY: down
down: ## stop what `make up` started
	@if [ -x $(RUN) ]; then $(RUN) -m infra.local.down; else echo "nothing was started"; fi

.PHONY: demo
demo: $(DEVELOPMENT) $(LOCAL) $(NODE) ## a product sold out, two people signing up, the delivery, their mails; a pre-order up to "yours is here"
	@$(RUN) -m infra.local.demo

.PHONY: oscar
oscar: $(OSCAR) ## a real shop as client, beside `make up`: django-oscar with its stock alerts, checkout and vouchers at Standby
	@env -u AWS_PROFILE AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 \
		.local/django-oscar/bin/python tests/clients/django_oscar/manage.py shop

.PHONY: oscar-load
oscar-load: $(DEVELOPMENT) $(LOCAL) $(NODE) $(OSCAR) ## that shop on a local AWS of its own: 200 customers for 50 units, 1,000 who wait for 10
	@$(RUN) -m tests.load --only oscar

.PHONY: replay
replay: $(DEVELOPMENT) $(LOCAL) $(NODE) ## a month of real sales as an ERP feed, compared with an independent calculation
	@$(RUN) -m infra.local.replay

.PHONY: replay-orders
replay-orders: $(DEVELOPMENT) $(LOCAL) $(NODE) ## two years of real orders on a local AWS of its own: who was told that theirs is late (orders=500: the first ones)
	@$(RUN) -m infra.local.replay_orders $(if $(orders),--orders $(orders))

# ---------------------------------------------------------------------------- into AWS, by your own credentials

export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20
CDK = node_modules/.bin/cdk
named = $(if $(stage),,$(error say which stage of cdk.json: make $@ stage=prod))
on_aws = $(named)$(if $(filter local,$(stage)),$(error the stage local is for the local AWS: make up, make down))

.PHONY: preflight
preflight: $(DEVELOPMENT) $(NODE) ## what would make a deployment fail or stay silent, and what to do: stage=prod; changes nothing
	$(named)
	$(call say,synthesize $(stage))
	@$(CDK) synth --quiet -c stage=$(stage)
	$(call say,preflight)
	@$(RUN) -m infra.operations.preflight --stage $(stage)

.PHONY: bootstrap
bootstrap: $(DEVELOPMENT) $(NODE) ## once an account and region: the bucket and roles with which CDK deploys: stage=prod
	$(on_aws)
	@$(CDK) synth --quiet -c stage=$(stage)
	@$(CDK) bootstrap --app cdk.out

.PHONY: deploy
deploy: ## into your AWS account: stage=prod; preflight first, and permissions are shown before they are given
	$(on_aws)
	@$(MAKE) --no-print-directory preflight stage=$(stage)
	$(call say,deploy $(stage))
	@$(CDK) deploy --app cdk.out --all --require-approval broadening

.PHONY: destroy
destroy: $(DEVELOPMENT) $(NODE) ## take a stage away: stage=prod; tables, bucket, link keys and SES identity stay, and are named
	$(on_aws)
	@$(CDK) synth --quiet -c stage=$(stage)
	@$(CDK) destroy --app cdk.out --all
	@$(RUN) -m infra.operations.preflight --stage $(stage) --left-behind

# ---------------------------------------------------------------------------- operating it (stage=prod: on AWS)

PLACE = $(if $(stage),--stage $(stage))

.PHONY: invoke
invoke: $(DEVELOPMENT) ## run a deployed function on a named sample: function=stock_ingester case=level
	@$(RUN) -m infra.operations.invoke $(PLACE) $(function) $(case)

.PHONY: key
key: $(DEVELOPMENT) ## make an API key: scopes=erp,storefront name="till 4"
	@$(RUN) -m infra.operations.key $(PLACE) --scopes "$(scopes)" --name "$(name)"

.PHONY: keys
keys: $(DEVELOPMENT) ## list the API keys: name, hint, scopes, when made and revoked
	@$(RUN) -m infra.operations.keys $(PLACE)

.PHONY: revoke
revoke: $(DEVELOPMENT) ## end an API key: key=HINT, its last four characters (make keys shows them)
	@$(RUN) -m infra.operations.keys $(PLACE) --revoke "$(key)"

.PHONY: dead-letters
dead-letters: $(DEVELOPMENT) ## what was set aside from which queue, and why
	@$(RUN) -m infra.operations.dead_letters $(PLACE) $(if $(most),--most $(most))

.PHONY: redrive
redrive: $(DEVELOPMENT) ## send dead letters back: queue=StockUpdates [message=ID] [body=repaired.json]
	@$(RUN) -m infra.operations.redrive $(PLACE) $(queue) $(if $(message),--message $(message)) $(if $(body),--body $(body))

.PHONY: rehearse
rehearse: $(DEVELOPMENT) ## what a policy would have cost for past orders: orders=orders.csv policy=policy.json [against=old.json] [options="--currency EUR"]
	@$(RUN) -m infra.operations.rehearsal --orders "$(orders)" $(if $(policy),--policy "$(policy)") $(if $(against),--against "$(against)") $(options)

.PHONY: campaign-plan
campaign-plan: $(DEVELOPMENT) ## what a launch asks of AWS and costs: per_second=1667 units=5000 (seconds=60 skus=1); asks AWS nothing
	$(if $(and $(per_second),$(units)),,$(error say how many come a second, and how many units there are: make $@ per_second=1667 units=5000))
	@$(RUN) -m infra.operations.campaign_plan --per-second $(per_second) --units $(units) --seconds $(or $(seconds),60) --skus $(or $(skus),1)

.PHONY: rebuild-shelf
rebuild-shelf: $(DEVELOPMENT) ## write anew what the storefront shows of every SKU, beside the running system
	@$(RUN) -m infra.operations.rebuild_shelf $(PLACE)

.PHONY: rotate-link-keys
rotate-link-keys: $(DEVELOPMENT) ## sign links with a new key; those in inboxes keep working, but with now=1 (a key leaked) none does
	@$(RUN) -m infra.operations.rotate_link_keys $(PLACE) $(if $(now),--now)

# ---------------------------------------------------------------------------- building it

REDOCLY = REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true REDOCLY_SUPPRESS_NOTIFICATIONS=true node_modules/.bin/redocly

.PHONY: check
check: $(DEVELOPMENT) $(NODE) ## style, types, imports, the storefront's bundle, the stacks' templates, the API's description
	$(call say,ruff)
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	$(call say,mypy)
	@.venv/bin/mypy
	$(call say,import-linter)
	@.venv/bin/lint-imports
	$(call say,the storefront's types and bundle)
	@node_modules/.bin/tsc -p layers/storefront
	@node layers/storefront/build.mjs --check
	$(call say,cfn-lint)
	@$(RUN) -W ignore -m tests.infra.linted
	$(call say,openapi.json)
	@$(REDOCLY) lint --config infra/operations/openapi/redocly.yaml openapi.json
	@node_modules/.bin/spectral lint --quiet --fail-severity=hint --ruleset infra/operations/openapi/spectral.yaml openapi.json

.PHONY: test
test: $(DEVELOPMENT) $(LOCAL) $(NODE) $(OSCAR) chromium ## every test, the journeys beside the others on a local AWS of their own
	$(call say,unit and feature tests; beside them the journeys on the local AWS)
	@STANDBY_AUTH=$(or $(AUTH),true) $(RUN) -m tests.beside

.PHONY: quick
quick: $(DEVELOPMENT) $(NODE) ## style, types and the tests of what changed against base=main, in under a minute
	@$(RUN) -m tests.quick --base $(or $(base),main)

.PHONY: proof
proof: $(DEVELOPMENT) $(LOCAL) $(NODE) $(OSCAR) ## hours: every crash point, long searches (examples=2000), storms (storms=500), the slow journeys
	$(call say,every crash point and $(or $(examples),2000) examples of each search and $(or $(storms),500) storms)
	@STANDBY_EVERY=1 STANDBY_EXAMPLES=$(or $(examples),2000) STANDBY_STORMS=$(or $(storms),500) .venv/bin/pytest -n auto --dist loadgroup tests/promises
	$(call say,journeys and the slow ones too)
	@STANDBY_PROOF=1 STANDBY_AUTH=$(or $(AUTH),true) .venv/bin/pytest -m local_aws

.PHONY: bench
bench: $(DEVELOPMENT) $(LOCAL) $(NODE) ## every budget as measured / budget, beside bare boto3
	@$(RUN) -m tests.benchmarks

.PHONY: incident
incident: $(DEVELOPMENT) ## a carrier fails and 50,000 orders are late at once, in memory (orders=50000): pace, legal days, everybody once
	@STANDBY_INCIDENT=$(or $(orders),50000) .venv/bin/pytest -q tests/standby/delivery/test_incident.py

.PHONY: load
load: $(DEVELOPMENT) $(LOCAL) $(NODE) ## many people at once on a local AWS of its own, workers dying: only=signups,told,batch,files,packed,guesses,killed,preorder,process
	@$(RUN) -m tests.load $(if $(only),--only $(only))

.PHONY: promises
promises: $(DEVELOPMENT) ## each promise: the tests that try to break it, their crash points, the alarms that ring
	@$(RUN) -m tests.promises

.PHONY: schemas
schemas: $(DEVELOPMENT) ## write what is generated and committed: JSON Schemas, OpenAPI, who hears what, the platforms' terms, the mails' layouts and formats, holidays
	@$(RUN) -m infra.operations.schemas
	@$(RUN) -m infra.operations.event_contracts
	@$(RUN) -m infra.operations.openapi
	@$(RUN) -m infra.operations.terms
	@$(RUN) -m infra.operations.mail_layouts
	@$(RUN) -m infra.operations.formats
	@$(RUN) -m infra.operations.holidays

.PHONY: storefront
storefront: $(NODE) ## build what browsers load, which is committed: layers/storefront/source into its bundle
	@node layers/storefront/build.mjs

.PHONY: mails
mails: $(DEVELOPMENT) ## render every kind of mail × language × light and dark into one page to look at
	@$(RUN) -m infra.operations.mails

.PHONY: contact-sheets
contact-sheets: $(DEVELOPMENT) chromium ## draw docs/*.jpg anew: pages and mails of pre-orders and late deliveries, phone and desk, light and dark
	@$(RUN) -m tests.contact_sheets

.PHONY: wiring
wiring: $(DEVELOPMENT) ## write what the templates say: tests/wiring.json, which the tests read, infra/FAILURES.md and infra/RETENTION.md, which operators do
	@$(RUN) -m tests.infra.wired

.PHONY: locks
locks: $(DEVELOPMENT) ## compile requirements/ anew from pyproject.toml
	@.venv/bin/uv pip compile -q pyproject.toml $(LOCK) -o requirements/runtime.txt
	@.venv/bin/uv pip compile -q pyproject.toml --extra development --extra pictures --extra spreadsheets -c requirements/runtime.txt $(LOCK) -o requirements/development.txt
	@for extra in pictures spreadsheets local django-oscar; do \
		$(RUN) -c 'import sys, tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"][sys.argv[1]], sep="\n")' $$extra \
		| .venv/bin/uv pip compile -q - $(LOCK) -o requirements/$$extra.txt; done

# ---------------------------------------------------------------------------- what the steps install

.PHONY: prerequisites
prerequisites:
	@PYTHON="$(PYTHON)" bash infra/local/prerequisites.sh

.PHONY: chromium
chromium:
	@bash infra/local/chromium.sh

$(DEVELOPMENT): requirements/development.txt | prerequisites
	$(call say,development environment (.venv))
	@[ -x .venv/bin/python ] || $(PYTHON) -m venv .venv
	@mkdir -p .local
	@awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' requirements/development.txt > .local/uv.txt
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .local/uv.txt
	@.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements/development.txt
	@touch $@

$(LOCAL): requirements/local.txt $(DEVELOPMENT) | prerequisites
	$(call say,environment of the local AWS (.local/venv))
	@[ -x .local/venv/bin/python ] || .venv/bin/python -m venv --without-pip .local/venv
	@.venv/bin/uv pip sync --quiet --python .local/venv/bin/python --require-hashes requirements/local.txt
	@touch $@

$(OSCAR): requirements/django-oscar.txt $(DEVELOPMENT) | prerequisites
	$(call say,environment of the shop on django-oscar (.local/django-oscar))
	@[ -x .local/django-oscar/bin/python ] || .venv/bin/python -m venv --without-pip .local/django-oscar
	@.venv/bin/uv pip sync --quiet --python .local/django-oscar/bin/python --require-hashes requirements/django-oscar.txt
	@touch $@

$(NODE): package-lock.json package.json | prerequisites
	$(call say,node tools (node_modules))
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@
