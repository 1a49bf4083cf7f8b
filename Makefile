# The way in. Each target is a script or one cargo command; `make help` lists them.

.DEFAULT_GOAL := help
.PHONY: help up down logs test check bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## Install what is missing, start Berth on this host and run the demo
	@scripts/up

down: ## Stop the demo and Berth; Docker and the data stay
	@scripts/down

logs: ## Follow the log of the Berth that `make up` started
	@scripts/logs

test: ## Install what tests need and run every test
	@scripts/test

check: ## Run every check of CI beside the tests
	@cargo xtask check

bench: ## List the benchmarks; `cargo xtask bench NAME` runs one
	@cargo xtask bench

clean: ## Remove what was built
	@cargo clean
