3 hosts; web desired=2 bake=1m strategy=canary:10/5m balanced breaker=rollback failures=1
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, PRODUCTION_TRAFFIC_SHIFT with 10% of traffic, 10% of requests and 100% of tests
  why: At stage PRODUCTION_TRAFFIC_SHIFT. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:05:00Z
wait 5m
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, BAKE_TIME with 100% of traffic, 100% of requests and 100% of tests
  why: At stage BAKE_TIME. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:06:00Z
wait 1m
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:06:00Z
deploy
  start b1 on h3, b2 on h1
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 90% of requests and 0% of tests
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, PRODUCTION_TRAFFIC_SHIFT with 10% of traffic, 10% of requests and 100% of tests
  why: At stage PRODUCTION_TRAFFIC_SHIFT. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:11:00Z
wait 5m
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 0% of requests and 0% of tests
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, BAKE_TIME with 100% of traffic, 100% of requests and 100% of tests
  why: At stage BAKE_TIME. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:12:00Z
# Clean-up begins: what served before gets nothing any more.
wait 1m
  stop a1 a2: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL, 0% of requests and 0% of tests
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, CLEAN_UP with 100% of traffic, 100% of requests and 100% of tests
  event: (service web) has stopped 2 running tasks: (task a1) (task a2).
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
go on
  ...
  deployment b: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:12:00Z
# A canary whose tasks do not come back gives its requests back.
deploy
  start c1 on h2, c2 on h1
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests
  event: (service web) has started 2 tasks: (task c1) (task c2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment b: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 90% of requests and 0% of tests
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, PRODUCTION_TRAFFIC_SHIFT with 10% of traffic, 10% of requests and 100% of tests
  why: At stage PRODUCTION_TRAFFIC_SHIFT. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:17:00Z
fail c1 c2
  why: At stage PRODUCTION_TRAFFIC_SHIFT. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping. A task of c ended right after its start; the next ones are started at 00:12:01Z.
  again at 00:12:01Z
wait 1s
  start c3 on h2, c4 on h1
  event: (service web) has started 2 tasks: (task c3) (task c4).
  why: At stage PRODUCTION_TRAFFIC_SHIFT. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
  again at 00:17:00Z
fail c3
  stop c4: Scaling activity initiated by (deployment c)
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, SUCCESSFUL, 100% of requests and 100% of tests
  deployment c: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS, 1 failed, 0% of requests and 0% of tests
  event: (service web) stopped 1 pending tasks.
  event: (service web) (deployment c) deployment failed: tasks failed to start.
  event: (service web) rolling back to deployment b.
  why: 1 tasks failed; 1 failures are too many. Deployment c has failed; the service goes back to b. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 1 leave, 0 are stopping. Stops 1 not yet healthy, those where there are most first.
go on
  ...
  deployment b: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  deployment c: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL, 1 failed, 0% of requests and 0% of tests
  deployment c is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:12:01Z
