3 hosts; web desired=2 bake=5m strategy=blue-green hook=function:PRE_SCALE_UP hook=pause:POST_SCALE_UP
deploy
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, PRE_SCALE_UP with 0% of traffic, hook 0 IN_PROGRESS
  call hook 0 of a for PRE_SCALE_UP
  why: At stage PRE_SCALE_UP, waiting for a hook.
  again at 1970-01-02T00:00:00Z
answer a 0 continue
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, POST_SCALE_UP with 0% of traffic, hook 1 AWAITING_ACTION
  why: At stage POST_SCALE_UP, waiting for a hook. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 1970-01-02T00:00:00Z
answer a 1 continue
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, BAKE_TIME with 100% of traffic
  why: At stage BAKE_TIME. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:05:00Z
wait 5m
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:05:00Z
deploy
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, PRE_SCALE_UP with 0% of traffic, hook 0 IN_PROGRESS
  call hook 0 of b for PRE_SCALE_UP
  why: At stage PRE_SCALE_UP, waiting for a hook. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 1970-01-02T00:05:00Z
answer b 0 continue
  start b1 on h3, b2 on h1
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, POST_SCALE_UP with 0% of traffic, hook 1 AWAITING_ACTION
  why: At stage POST_SCALE_UP, waiting for a hook. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 1970-01-02T00:05:00Z
answer b 1 rollback
  stop b2 b1: Scaling activity initiated by (deployment b)
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS
  event: (service web) has stopped 2 running tasks: (task b2) (task b1).
  event: (service web) (deployment b) deployment failed: a lifecycle hook did not succeed.
  event: (service web) rolling back to deployment a.
  why: Deployment b has failed; the service goes back to a. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
go on
  ...
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL
  deployment b is gone
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:05:00Z
# The rollback has not settled when the next comes: what serves goes on to serve.
deploy
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, PRE_SCALE_UP with 0% of traffic, hook 0 IN_PROGRESS
  call hook 0 of c for PRE_SCALE_UP
  why: At stage PRE_SCALE_UP, waiting for a hook. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 1970-01-02T00:05:00Z
answer c 0 continue
  start c1 on h3, c2 on h1
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic
  event: (service web) has started 2 tasks: (task c1) (task c2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, POST_SCALE_UP with 0% of traffic, hook 1 AWAITING_ACTION
  why: At stage POST_SCALE_UP, waiting for a hook. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 1970-01-02T00:05:00Z
answer c 1 continue
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, BAKE_TIME with 100% of traffic
  why: At stage BAKE_TIME. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
  again at 00:10:00Z
wait 4m
  nothing to do
  why: At stage BAKE_TIME. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping.
wait 1m
  stop a1 a2: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, CLEAN_UP with 100% of traffic
  event: (service web) has stopped 2 running tasks: (task a1) (task a2).
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
gone
  deployment c: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment c) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:10:00Z
