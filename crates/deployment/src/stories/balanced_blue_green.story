3 hosts; web desired=2 bake=5m strategy=blue-green balanced hook=pause:POST_TEST_TRAFFIC_SHIFT
# The first revision, too, is prepared beside what gets requests so far: nothing.
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, POST_TEST_TRAFFIC_SHIFT with 0% of traffic, hook 0 AWAITING_ACTION, 0% of requests and 100% of tests
  why: At stage POST_TEST_TRAFFIC_SHIFT, waiting for a hook. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 1970-01-02T00:00:00Z
answer a 0 continue
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, BAKE_TIME with 100% of traffic, 100% of requests and 100% of tests
  why: At stage BAKE_TIME. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:05:00Z
wait 5m
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:05:00Z
# The next one is in the other groups. Test requests come first.
deploy
  start b1 on h3, b2 on h1
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 0% of tests
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, POST_TEST_TRAFFIC_SHIFT with 0% of traffic, hook 0 AWAITING_ACTION, 0% of requests and 100% of tests
  why: At stage POST_TEST_TRAFFIC_SHIFT, waiting for a hook. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 1970-01-02T00:05:00Z
answer b 0 continue
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 0% of requests and 0% of tests
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, BAKE_TIME with 100% of traffic, 100% of requests and 100% of tests
  why: At stage BAKE_TIME. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:10:00Z
# All requests are back before a task of it goes.
stop-deployment rollback
  stop b2 b1: Scaling activity initiated by (deployment b)
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, SUCCESSFUL, 100% of requests and 100% of tests
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS, 0% of requests and 0% of tests
  event: (service web) has stopped 2 running tasks: (task b2) (task b1).
  event: (service web) (deployment b) deployment failed: stopped by a user.
  event: (service web) rolling back to deployment a.
  why: Deployment b has failed; the service goes back to a. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
go on
  ...
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL, 0% of requests and 0% of tests
  deployment b is gone
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:05:00Z
