3 hosts; web desired=1 bake=5m strategy=blue-green balanced
deploy
  start a1 on h1
  deployment a: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests
  event: (service web) has started 1 tasks: (task a1).
  why: At stage SCALE_UP. 1 desired, at least 1 healthy and at most 2 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, BAKE_TIME with 100% of traffic, 100% of requests and 100% of tests
  why: At stage BAKE_TIME. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping.
  again at 00:05:00Z
wait 5m
  deployment a: PRIMARY, 1 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:05:00Z
deploy
  start b1 on h2
  deployment b: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests
  event: (service web) has started 1 tasks: (task b1).
  why: At stage SCALE_UP. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. 1 desired, at least 1 healthy and at most 2 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment a: ACTIVE, 1 of its tasks wanted, COMPLETED, SUCCESSFUL, 0% of requests and 0% of tests
  deployment b: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, BAKE_TIME with 100% of traffic, 100% of requests and 100% of tests
  why: At stage BAKE_TIME. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping.
  again at 00:10:00Z
rule broken
  stop b1: Scaling activity initiated by (deployment b)
  deployment a: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, SUCCESSFUL, 100% of requests and 100% of tests
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS, 0% of requests and 0% of tests
  event: (service web) has stopped 1 running tasks: (task b1).
  event: (service web) (deployment b) deployment failed: invalid networking configuration.
  event: (service web) rolling back to deployment a.
  why: Deployment b has failed; the service goes back to a. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 1 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
go on
  ...
  deployment a: PRIMARY, 1 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL, 0% of requests and 0% of tests
  deployment b is gone
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:05:00Z
rule mended
  nothing to do
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. The service is steady.
deploy
  start c1 on h2
  deployment c: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests
  event: (service web) has started 1 tasks: (task c1).
  why: At stage SCALE_UP. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. 1 desired, at least 1 healthy and at most 2 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: ACTIVE, 1 of its tasks wanted, COMPLETED, SUCCESSFUL, 0% of requests and 0% of tests
  deployment c: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, BAKE_TIME with 100% of traffic, 100% of requests and 100% of tests
  why: At stage BAKE_TIME. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping.
  again at 00:10:00Z
wait 5m
  stop a1: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL, 0% of requests and 0% of tests
  deployment c: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, CLEAN_UP with 100% of traffic, 100% of requests and 100% of tests
  event: (service web) has stopped 1 running tasks: (task a1).
  why: At stage CLEAN_UP. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 1 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
go on
  ...
  deployment c: PRIMARY, 1 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  deployment a is gone
  event: (service web) (deployment c) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:10:00Z
