3 hosts; web desired=2 breaker=rollback warm-up=10s
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (0 healthy), 0 leave, 0 are stopping.
wait 10s
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:10Z
deploy
  start b1 on h3, b2 on h1
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 0 are stopping.
# They run, and end at once. Each time the service takes a breath.
run
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (0 healthy), 2 leave, 0 are stopping.
fail b1
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 1 failed
  why: 1 tasks failed; 3 failures are too many. 2 desired, at least 2 healthy and at most 4 in all: 1 stay (0 healthy), 2 leave, 0 are stopping. A task of b ended right after its start; the next ones are started at 00:00:11Z.
  again at 00:00:11Z
wait 1s
  start b3 on h3
  event: (service web) has started 1 tasks: (task b3).
  why: 1 tasks failed; 3 failures are too many. 2 desired, at least 2 healthy and at most 4 in all: 1 stay (0 healthy), 2 leave, 0 are stopping.
  again at 00:00:20Z
fail b2
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 2 failed
  why: 2 tasks failed; 3 failures are too many. 2 desired, at least 2 healthy and at most 4 in all: 1 stay (0 healthy), 2 leave, 0 are stopping. A task of b ended right after its start; the next ones are started at 00:00:12Z.
  again at 00:00:12Z
wait 1s
  start b4 on h1
  event: (service web) has started 1 tasks: (task b4).
  why: 2 tasks failed; 3 failures are too many. 2 desired, at least 2 healthy and at most 4 in all: 1 stay (0 healthy), 2 leave, 0 are stopping.
run b3
  nothing to do
  why: 2 tasks failed; 3 failures are too many. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (0 healthy), 2 leave, 0 are stopping.
fail b3
  stop b4: Scaling activity initiated by (deployment b)
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS, 3 failed
  event: (service web) stopped 1 pending tasks.
  event: (service web) (deployment b) deployment failed: tasks failed to start.
  event: (service web) rolling back to deployment a.
  why: 3 tasks failed; 3 failures are too many. Deployment b has failed; the service goes back to a. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 1 leave, 0 are stopping. Stops 1 not yet healthy, those where there are most first.
go on
  ...
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL, 3 failed
  deployment b is gone
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:12Z
