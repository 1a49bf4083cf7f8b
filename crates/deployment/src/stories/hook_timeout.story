2 hosts; web desired=1 strategy=blue-green hook=pause:PRE_SCALE_UP
deploy
  deployment a: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, PRE_SCALE_UP with 0% of traffic, hook 0 AWAITING_ACTION
  why: At stage PRE_SCALE_UP, waiting for a hook.
  again at 1970-01-02T00:00:00Z
answer a 0 continue
  start a1 on h1
  deployment a: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic
  event: (service web) has started 1 tasks: (task a1).
  why: At stage SCALE_UP. 1 desired, at least 1 healthy and at most 2 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 1 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  deployment b: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, PRE_SCALE_UP with 0% of traffic, hook 0 AWAITING_ACTION
  why: At stage PRE_SCALE_UP, waiting for a hook. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping.
  again at 1970-01-02T00:00:00Z
# Nobody says anything for a day.
wait 23h
  nothing to do
  why: At stage PRE_SCALE_UP, waiting for a hook. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping.
wait 1h
  deployment a: PRIMARY, 1 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL
  deployment b is gone
  event: (service web) (deployment b) deployment failed: a lifecycle hook did not succeed.
  event: (service web) rolling back to deployment a.
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: Deployment b has failed; the service goes back to a. 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 1970-01-02T06:00:00Z
go on
